import { useSignal } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import type { User } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Composer } from '../composer/composer.tsx';
import { DropZone } from '../composer/drop-zone.tsx';
import { FindBar } from '../shell/side-pages.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Announcer } from './announcer.tsx';
import { EmptyState } from './empty-state.tsx';
import { MessageFlow } from './message-flow.tsx';
import type { PromptJump } from './prompt-jump.ts';
import { useFind } from './use-find.ts';
import { usePromptKeys } from './use-prompt-keys.ts';
import { useScrollDock } from './use-scroll-dock.ts';

export interface ChatViewProps {
  readonly user: User;
  readonly conversationId: string | null;
}

/** One conversation, or the page on which a new one begins. */
export function ChatView({ user, conversationId }: ChatViewProps) {
  const { state, i18n } = useApp();
  const [draft] = useState(() =>
    withPrompt(state.drafts.read(user.id, conversationId), conversationId === null ? state.router.takePrompt() : ''),
  );
  const text = useSignal(draft);
  const scroller = useRef<HTMLDivElement>(null);
  const flow = useRef<HTMLDivElement>(null);
  const fresh = conversationId === null && isUntouched(state);
  const dock = useScrollDock(scroller, flow, !fresh);
  const prompts = useRef<PromptJump>(() => {});
  const closeFind = useFind(state.flow, conversationId !== null);
  usePromptKeys(prompts);
  return (
    <DropZone scope={conversationId ?? ''}>
      <main class="chat" data-fresh={fresh ? '' : undefined} aria-label={i18n.t('chat.label')}>
        {state.flow.finding.value && conversationId !== null ? <FindBar scroller={scroller} onClose={closeFind} /> : null}
        <div class="chat-scroll" ref={scroller} tabIndex={-1}>
          <div class="chat-flow" ref={flow}>
            {fresh ? (
              <EmptyState user={user} text={text} />
            ) : (
              <Flow conversationId={conversationId} text={text} dock={dock} prompts={prompts} />
            )}
          </div>
        </div>
        <div class="chat-foot">
          {dock.away.value && !fresh ? (
            <div class="jump">
              <IconButton icon="chevron-up" label={i18n.t('chat.previousPrompt')} onClick={() => prompts.current(-1)} />
              <IconButton icon="chevron-down" label={i18n.t('chat.nextPrompt')} onClick={() => prompts.current(1)} />
              <IconButton icon="arrow-down" label={i18n.t('chat.jump')} onClick={dock.jump} />
            </div>
          ) : null}
          <Composer user={user} conversationId={conversationId} text={text} onSent={dock.jump} />
        </div>
      </main>
      <Announcer conversationId={conversationId} />
    </DropZone>
  );
}

/** What was being written stays, and what a link brings comes behind it. */
function withPrompt(draft: string, prompt: string): string {
  return draft === '' || prompt === '' ? draft + prompt : `${draft}\n\n${prompt}`;
}

/** Nothing waits to be sent and no command has answered here. */
function isUntouched(state: ReturnType<typeof useApp>['state']): boolean {
  const waiting = state.outbox.entries.value.some((entry) => entry.conversationId === null);
  return !waiting && !state.notices.cards.value.some((card) => card.conversationId === null);
}

interface FlowProps {
  readonly conversationId: string | null;
  readonly text: { value: string };
  readonly dock: ReturnType<typeof useScrollDock>;
  readonly prompts: { current: PromptJump };
}

function Flow({ conversationId, text, dock, prompts }: FlowProps) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const phase = conversationId === null ? 'ready' : state.messages.phase.value;
  if (phase === 'loading' || phase === 'none') {
    return (
      <div class="chat-state" aria-busy="true" role="status" aria-label={t('chat.loading')}>
        <Skeleton lines={4} />
      </div>
    );
  }
  if (phase === 'missing') {
    return (
      <div class="chat-state" role="alert">
        <h2>{t('chat.missing')}</h2>
        <p>{t('chat.missingHint')}</p>
        <Button onClick={() => state.router.go(null)}>{t('sidebar.new')}</Button>
      </div>
    );
  }
  const error = state.messages.error.value;
  if (phase === 'error' && error !== null) {
    return (
      <div class="chat-state" role="alert">
        <h2>{t('chat.failed')}</h2>
        <p>{explain(i18n, error)}</p>
        <Button onClick={() => void state.messages.refresh()}>{t('action.retry')}</Button>
      </div>
    );
  }
  return <MessageFlow conversationId={conversationId} text={text} dock={dock} prompts={prompts} />;
}
