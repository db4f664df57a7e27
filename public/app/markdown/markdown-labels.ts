import { createContext } from 'preact';

/** The words of the Markdown view, in the person's language; the app provides them from its locale files. */
export interface MarkdownLabelsValue {
  readonly copy: string;
  readonly copied: string;
  /** shows all of a long code block */
  readonly expand: string;
  readonly collapse: string;
  /** heading of a code block without a language */
  readonly code: string;
  /** name of a task's box */
  readonly done: string;
  readonly open: string;
  /** what a marker for hidden characters is, for its title */
  readonly hidden: string;
  /** name of a remote picture that has no description */
  readonly image: string;
}

const none: MarkdownLabelsValue = { copy: '', copied: '', expand: '', collapse: '', code: '', done: '', open: '', hidden: '', image: '' };

export const MarkdownLabels = createContext<MarkdownLabelsValue>(none);
