import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Logo } from '../shell/logo.tsx';
import type { Thread } from '../state/thread.ts';
import { AnswerActions } from './answer-actions.tsx';
import { FinishNote } from './finish-note.tsx';
import { JobSlot } from './job-slot.tsx';
import { type Section, sectionsOf, sourcesOf } from './message-parts.ts';
import { PhaseLine } from './phase-line.tsx';
import { Pictures } from './pictures.tsx';
import { Sources } from './sources.tsx';
import { Steps } from './steps.tsx';
import { Thoughts } from './thoughts.tsx';

export interface AssistantMessageProps {
  readonly thread: Thread;
  readonly message: Message;
  readonly last: boolean;
}

export function AssistantMessage({ thread, message, last }: AssistantMessageProps) {
  const { i18n } = useApp();
  const streaming = message.status === 'streaming';
  const sections = sectionsOf(message.parts);
  const sources = sourcesOf(message.parts);
  return (
    <article
      class="message"
      data-role="assistant"
      data-last={last ? '' : undefined}
      aria-label={i18n.t('message.answer')}
      aria-busy={streaming}
    >
      <span class="message-mark">
        <Logo size="sm" />
      </span>
      <div class="answer">
        {sections.map((section, index) => (
          <SectionView
            key={index}
            section={section}
            conversationId={message.conversationId}
            open={streaming && index === sections.length - 1}
          />
        ))}
        {streaming ? <PhaseLine conversationId={message.conversationId} empty={sections.length === 0} /> : null}
        {sources.length > 0 ? <Sources sources={sources} /> : null}
        {streaming ? null : <FinishNote message={message} last={last} />}
        {streaming ? null : <AnswerActions thread={thread} message={message} />}
      </div>
    </article>
  );
}

interface SectionViewProps {
  readonly section: Section;
  readonly conversationId: string;
  readonly open: boolean;
}

function SectionView({ section, conversationId, open }: SectionViewProps) {
  if (section.kind === 'thought') return <Thoughts text={section.text} live={open} />;
  if (section.kind === 'steps') return <Steps steps={section.steps} />;
  if (section.kind === 'media') return <Pictures parts={section.parts} conversationId={conversationId} />;
  if (section.kind === 'job') return <JobSlot section={section} />;
  return (
    <div class="answer-text">
      <Markdown source={section.text} streaming={open} />
    </div>
  );
}
