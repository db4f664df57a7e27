import { type ReadonlySignal, signal } from '@preact/signals';
import type { ClientFrameOf } from '../../../src/protocol/client-frames.ts';

/** What the first message makes of its conversation. */
export type NewChat = Pick<ClientFrameOf<'message.send'>, 'profile' | 'temporary' | 'folderId' | 'modes'>;

/** What other parts of the page ask of the place where messages are written. */
export interface Composing {
  readonly newChat: ReadonlySignal<NewChat>;
  /** Changes what the next conversation will be; `undefined` takes a choice back. */
  chooseNew(change: NewChat): void;
  /** The first message is on its way: profile and modes stay for the conversation after it, the rest holds once. */
  takeNew(): void;
  /** Words on their way into the composer; null when there are none. */
  readonly inserted: ReadonlySignal<Insertion | null>;
  /** Puts words where the caret is, in place of what is selected there, and gives the composer the focus. */
  insert(words: string): void;
  /** Puts words at the end as a quotation, with room for an answer below. */
  quote(words: string): void;
  /** For the composer: what is to be inserted, once. */
  takeInserted(): Insertion | null;
  /** Nothing of one person is there for the next. */
  clear(): void;
}

export interface Insertion {
  readonly how: 'caret' | 'quote';
  readonly words: string;
}

export function createComposing(): Composing {
  const newChat = signal<NewChat>({});
  const inserted = signal<Insertion | null>(null);
  return {
    newChat,
    chooseNew(change) {
      newChat.value = withoutUndefined({ ...newChat.peek(), ...change });
    },
    takeNew() {
      const { temporary: _, folderId: __, ...rest } = newChat.peek();
      newChat.value = rest;
    },
    inserted,
    insert(words) {
      inserted.value = { how: 'caret', words };
    },
    quote(words) {
      inserted.value = { how: 'quote', words };
    },
    takeInserted() {
      const now = inserted.peek();
      inserted.value = null;
      return now;
    },
    clear() {
      newChat.value = {};
      inserted.value = null;
    },
  };
}

/** A text with a quotation at its end, as Markdown, and an empty line to write on. */
export function withQuotation(text: string, words: string): string {
  const quoted = words
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? '>' : `> ${line}`))
    .join('\n');
  if (quoted === '>') return text;
  const before = text.trimEnd();
  return `${before === '' ? '' : `${before}\n\n`}${quoted}\n\n`;
}

function withoutUndefined(choice: NewChat): NewChat {
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined));
}
