import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { useStyle } from '../jobs/use-style.ts';
import { Logo } from '../shell/logo.tsx';
import { PendingJobCard } from '../shell/side-pages.tsx';
import type { NoticeCard } from '../state/notices.ts';
import type { OutboxEntry } from '../state/outbox-entry.ts';
import type { Thread } from '../state/thread.ts';
import { Spinner } from '../ui/spinner.tsx';
import { MessageItem } from './message-item.tsx';
import { NoticeView } from './notice-view.tsx';
import { PendingMessage } from './pending-message.tsx';
import { nextPrompt, type PromptJump } from './prompt-jump.ts';
import { useMountedRange } from './use-mounted-range.ts';
import type { ScrollDock } from './use-scroll-dock.ts';

export interface MessageFlowProps {
  readonly conversationId: string | null;
  readonly text: { value: string };
  readonly dock: ScrollDock;
  /** Filled here: how to go to the own message before or after what is read. */
  readonly prompts: { current: PromptJump };
}

export function MessageFlow({ conversationId, text, dock, prompts }: MessageFlowProps) {
  const { state, i18n } = useApp();
  const thread = conversationId === null ? null : state.messages.current.value;
  const pending = state.outbox.entries.value.filter((entry) => entry.conversationId === conversationId);
  const notices = state.notices.cards.value.filter((card) => card.conversationId === conversationId);
  const jobs = state.pendingJobs.items.value.filter(({ wish }) => (wish.conversationId ?? null) === conversationId);
  const branch = cutBranch(thread?.branch.value ?? none, pending);

  // What was just set going, or refused, is what the person wants to see, from wherever they did it.
  const newest = jobs.at(-1);
  useLayoutEffect(() => {
    if (newest !== undefined) dock.jump();
  }, [newest?.id, newest?.state === 'failed']);

  // Those of messages that are not here yet come with them.
  const placed = useMemo(() => new Set(branch), [branch]);
  const loose = notices.filter((card) => card.afterMessageId !== null && !placed.has(card.afterMessageId));
  return (
    <>
      {thread !== null && thread.nextCursor.value !== null ? (
        <div class="flow-more">{state.messages.loadingOlder.value ? <Spinner label={i18n.t('chat.loadingOlder')} /> : null}</div>
      ) : null}
      {branch.length + pending.length + notices.length + jobs.length === 0 ? <p class="chat-state">{i18n.t('chat.empty')}</p> : null}
      <NoticeList cards={notices.filter((card) => card.afterMessageId === null)} text={text} />
      {thread === null ? null : <Branch thread={thread} ids={branch} notices={notices} text={text} dock={dock} prompts={prompts} />}
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

const none: readonly string[] = [];

interface BranchProps {
  readonly thread: Thread;
  readonly ids: readonly string[];
  readonly notices: readonly NoticeCard[];
  readonly text: { value: string };
  readonly dock: ScrollDock;
  readonly prompts: { current: PromptJump };
}

/** The messages of a branch: those near the window are on the page, the room of the others is. */
function Branch({ thread, ids, notices, text, dock, prompts }: BranchProps) {
  const { state, i18n } = useApp();
  const list = useRef<HTMLDivElement>(null);
  const asked = state.flow.target.value;
  const { segments, heights, watch } = useMountedRange({
    ...{ ids, list, dock, flow: state.flow },
    target: asked?.conversationId === thread.conversationId && ids.includes(asked.messageId) ? asked : null,
    onNearTop: () => void state.messages.loadOlder().catch(() => {}),
  });
  prompts.current = (direction) => {
    const top = dock.window().top - (list.current?.offsetTop ?? 0);
    const isOwn = (index: number) => thread.message(ids[index] ?? '')?.peek().role === 'user';
    const index = nextPrompt({ direction, top, count: ids.length, isOwn, heights });
    if (index !== null) state.flow.show(ids[index] ?? '', 'top');
    else if (direction > 0) dock.jump();
    else void state.messages.loadOlder().catch(() => {});
  };
  const total = thread.nextCursor.value === null ? ids.length : -1;
  // A feed holds nothing but articles; where a command has answered in between, it is a list of several things.
  const plain = notices.every((card) => card.afterMessageId === null);
  return (
    <div
      class="flow-list"
      ref={list}
      // Another version is read from where its switch was pressed, not from its end.
      onClickCapture={(event) => event.target instanceof Element && event.target.closest('.branches') !== null && dock.undock()}
      role={plain && ids.length > 0 ? 'feed' : undefined}
      aria-label={plain && ids.length > 0 ? i18n.t('chat.messages') : undefined}
      aria-busy={plain && state.messages.loadingOlder.value ? 'true' : undefined}
    >
      {segments.map((segment) => {
        if (segment.kind === 'gap') return <Gap key={`gap ${ids[segment.to]}`} height={heights.extent(segment.from, segment.to)} />;
        const id = ids[segment.index] ?? '';
        return (
          <FlowEntry
            key={state.messages.paintKey(id)}
            thread={thread}
            id={id}
            position={segment.index + 1}
            total={total}
            last={segment.index === ids.length - 1}
            cards={notices.filter((card) => card.afterMessageId === id)}
            text={text}
            watch={watch}
          />
        );
      })}
    </div>
  );
}

/** The room of messages that are not on the page. */
function Gap({ height }: { readonly height: number }) {
  const element = useRef<HTMLDivElement>(null);
  useStyle(element, '--gap-size', `${height}px`);
  return <div class="flow-gap" ref={element} />;
}

interface EntryProps {
  readonly thread: Thread;
  readonly id: string;
  readonly position: number;
  readonly total: number;
  readonly last: boolean;
  readonly cards: readonly NoticeCard[];
  readonly text: { value: string };
  readonly watch: (element: HTMLElement) => () => void;
}

function FlowEntry({ thread, id, position, total, last, cards, text, watch }: EntryProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (element.current === null ? undefined : watch(element.current)), [id]);
  usePlaceInFeed(element, position, total);
  return (
    <div class="flow-item" data-message={id} ref={element}>
      <MessageItem thread={thread} id={id} last={last} />
      <NoticeList cards={cards} text={text} />
    </div>
  );
}

/** Tells assistive tools which of how many this is, though most are not on the page. */
function usePlaceInFeed(element: RefObject<HTMLElement | null>, position: number, total: number): void {
  useLayoutEffect(() => {
    const article = element.current?.querySelector(':scope > article');
    article?.setAttribute('aria-posinset', String(position));
    article?.setAttribute('aria-setsize', String(total));
  }, [position, total]);
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
