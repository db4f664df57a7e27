import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Logo } from '../shell/logo.tsx';
import { PendingJobCard } from '../shell/side-pages.tsx';
import type { NoticeCard } from '../state/notices.ts';
import type { OutboxEntry } from '../state/outbox-entry.ts';
import type { Thread } from '../state/thread.ts';
import { Spinner } from '../ui/spinner.tsx';
import { MessageItem } from './message-item.tsx';
import { NoticeView } from './notice-view.tsx';
import { PendingMessage } from './pending-message.tsx';
import type { ScrollDock } from './use-scroll-dock.ts';

export interface MessageFlowProps {
  readonly conversationId: string | null;
  readonly text: { value: string };
  readonly dock: ScrollDock;
}

/** How many of the newest messages are painted at first, and how many more each time the beginning comes near. */
const step = 40;

export function MessageFlow({ conversationId, text, dock }: MessageFlowProps) {
  const { state, i18n } = useApp();
  const thread = conversationId === null ? null : state.messages.current.value;
  const pending = state.outbox.entries.value.filter((entry) => entry.conversationId === conversationId);
  const notices = state.notices.cards.value.filter((card) => card.conversationId === conversationId);
  const jobs = state.pendingJobs.items.value.filter(({ wish }) => (wish.conversationId ?? null) === conversationId);
  const branch = cutBranch(thread?.branch.value ?? [], pending);
  const [shown, setShown] = useState(step);
  const ids = branch.slice(-shown);
  const first = ids[0];
  const hasMore = branch.length > shown || (thread !== null && thread.nextCursor.value !== null);

  useEffect(() => {
    dock.onNearTop(() => {
      if (branch.length > shown) setShown(shown + step);
      else
        state.messages.loadOlder().then(
          () => setShown((count) => count + step),
          () => {},
        );
    });
    return () => dock.onNearTop(null);
  });
  const before = useRef(first);
  useLayoutEffect(() => {
    if (before.current !== first) dock.keepPlace();
    before.current = first;
  }, [first]);

  // What was just set going, or refused, is what the person wants to see, from wherever they did it.
  const newest = jobs.at(-1);
  useLayoutEffect(() => {
    if (newest !== undefined) dock.jump();
  }, [newest?.id, newest?.state === 'failed']);

  const target = state.flow.target.value;
  const place = target === null || target.conversationId !== conversationId ? -1 : branch.indexOf(target.messageId);
  useLayoutEffect(() => {
    if (target === null || place < 0) return;
    if (branch.length - place > shown) {
      setShown(branch.length - place + step);
      return;
    }
    dock.showElement(`[data-message="${CSS.escape(target.messageId)}"]`, target.how === 'flash');
    state.flow.reached(target);
  }, [target, place, shown]);

  // Those of messages that are not painted yet come with them.
  const placed = new Set(branch);
  const at = (id: string | null) => notices.filter((card) => card.afterMessageId === id);
  const loose = notices.filter((card) => card.afterMessageId !== null && !placed.has(card.afterMessageId));
  return (
    <>
      {hasMore ? (
        <div class="flow-more">{state.messages.loadingOlder.value ? <Spinner label={i18n.t('chat.loadingOlder')} /> : null}</div>
      ) : null}
      {branch.length + pending.length + notices.length + jobs.length === 0 ? <p class="chat-state">{i18n.t('chat.empty')}</p> : null}
      <NoticeList cards={at(null)} text={text} />
      {thread === null
        ? null
        : ids.map((id, index) => (
            <FlowEntry
              key={state.messages.paintKey(id)}
              thread={thread}
              id={id}
              last={index === ids.length - 1}
              cards={at(id)}
              text={text}
            />
          ))}
      {pending.map((entry) => (
        <PendingMessage key={entry.id} entry={entry} text={text} />
      ))}
      {jobs.map((item) => (
        <article key={item.id} class="message" data-role="assistant" aria-label={i18n.t('message.answer')}>
          <span class="message-mark">
            <Logo size="sm" />
          </span>
          <div class="answer job-slot">
            <PendingJobCard item={item} />
          </div>
        </article>
      ))}
      <NoticeList cards={loose} text={text} />
    </>
  );
}

interface EntryProps {
  readonly thread: Thread;
  readonly id: string;
  readonly last: boolean;
  readonly cards: readonly NoticeCard[];
  readonly text: { value: string };
}

function FlowEntry({ thread, id, last, cards, text }: EntryProps) {
  return (
    <>
      <div class="flow-item" data-message={id} tabIndex={-1}>
        <MessageItem thread={thread} id={id} last={last} />
      </div>
      <NoticeList cards={cards} text={text} />
    </>
  );
}

function NoticeList({ cards, text }: { readonly cards: readonly NoticeCard[]; readonly text: { value: string } }) {
  return (
    <>
      {cards.map((card) => (
        <NoticeView key={card.id} card={card} text={text} />
      ))}
    </>
  );
}

/** An edit or a new answer that is on its way takes the place of what it will replace. */
function cutBranch(branch: readonly string[], pending: readonly OutboxEntry[]): readonly string[] {
  const cuts = pending.flatMap(({ frame, state }) => {
    const cut = state !== 'failed' && (frame.type === 'message.edit' || frame.type === 'message.regenerate');
    const index = cut ? branch.indexOf(frame.messageId) : -1;
    return index >= 0 ? [index] : [];
  });
  return cuts.length === 0 ? branch : branch.slice(0, Math.min(...cuts));
}
