import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Markdown, type MarkdownProps } from '../markdown/markdown.tsx';
import { References } from '../markdown/references.ts';
import { Steps, SurfaceSection } from '../shell/surface-slots.tsx';
import { inWords } from '../state/plugin-words.ts';
import type { Thread } from '../state/thread.ts';
import { AnswerActions } from './answer-actions.tsx';
import { AuthorMark } from './author-mark.tsx';
import { FinishNote } from './finish-note.tsx';
import { JobSlot } from './job-slot.tsx';
import { elementsOf, type Section, sectionsOf, sourcesOf } from './message-parts.ts';
import { PhaseLine } from './phase-line.tsx';
import { Pictures } from './pictures.tsx';
import { Sources } from './sources.tsx';
import { Thoughts } from './thoughts.tsx';
import { useNameLinks } from './use-name-links.ts';
import { useOpenElement } from './use-open-element.ts';

export interface AssistantMessageProps {
  readonly thread: Thread;
  readonly message: Message;
  readonly last: boolean;
}

export function AssistantMessage({ thread, message, last }: AssistantMessageProps) {
  const { i18n, state } = useApp();
  const speaker = state.surface.profile(message.conversationId)?.author;
  const author = message.author ?? (speaker === undefined ? undefined : { ...speaker, name: inWords(i18n, speaker.name) });
  const streaming = message.status === 'streaming';
  const sections = sectionsOf(message.parts);
  const sources = sourcesOf(message.parts);
  const refine = useNameLinks(elementsOf(message.parts));
  const openElement = useOpenElement(message);
  return (
    <article
      class="message"
      data-role="assistant"
      data-last={last ? '' : undefined}
      aria-label={author === undefined ? i18n.t('message.answer') : i18n.t('message.answerOf', { name: author.name })}
      aria-busy={streaming}
    >
      <span class="message-mark">
        <AuthorMark author={author} />
      </span>
      <div class="answer">
        {author === undefined ? null : (
          <p class="answer-author" aria-hidden="true">
            <bdi>{author.name}</bdi>
          </p>
        )}
        <References.Provider value={openElement}>
          {keyed(sections).map(({ key, section }, index) => (
            <SectionView key={key} section={section} message={message} open={streaming && index === sections.length - 1} refine={refine} />
          ))}
        </References.Provider>
        {streaming ? <PhaseLine conversationId={message.conversationId} empty={sections.length === 0} /> : null}
        {sources.length > 0 ? <Sources sources={sources} /> : null}
        {streaming ? null : <FinishNote message={message} last={last} />}
        {streaming ? null : <AnswerActions thread={thread} message={message} />}
      </div>
    </article>
  );
}

/** The second text of an answer stays the second text when something is shown, or taken away, above it. */
function keyed(sections: readonly Section[]): readonly { readonly key: string; readonly section: Section }[] {
  const counts = new Map<string, number>();
  return sections.map((section) => {
    const count = (counts.get(section.kind) ?? 0) + 1;
    counts.set(section.kind, count);
    return { key: `${section.kind}-${count}`, section };
  });
}

interface SectionViewProps {
  readonly section: Section;
  readonly message: Message;
  readonly open: boolean;
  readonly refine: MarkdownProps['refine'];
}

function SectionView({ section, message, open, refine }: SectionViewProps) {
  if (section.kind === 'thought') return <Thoughts text={section.text} live={open} />;
  if (section.kind === 'steps') return <Steps steps={section.steps} />;
  if (section.kind === 'surface') return <SurfaceSection parts={section.parts} message={message} />;
  if (section.kind === 'media') return <Pictures parts={section.parts} conversationId={message.conversationId} />;
  if (section.kind === 'job') return <JobSlot section={section} />;
  return (
    <div class="answer-text">
      <Markdown source={section.text} streaming={open} refine={refine} />
    </div>
  );
}
