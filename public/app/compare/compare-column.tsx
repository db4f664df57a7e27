import type { Message } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { mediaOf, textOf } from '../chat/message-parts.ts';
import { Pictures } from '../chat/pictures.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { money } from '../state/amounts.ts';
import type { Thread } from '../state/thread.ts';
import { Button } from '../ui/button.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { type Side, type SideChoice, useSideName } from './compare-side.ts';

export interface CompareColumnProps {
  readonly thread: Thread;
  readonly side: Side;
  readonly other: Side;
  readonly messageId: string;
  readonly onChoose: (choice: SideChoice) => void;
  readonly onGoOn: (messageId: string) => void;
}

/** One answer: which one it is, can be changed above it; that it is the better one, is said below it. */
export function CompareColumn({ thread, side, other, messageId, onChoose, onGoOn }: CompareColumnProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const nameOf = useSideName(thread);
  const message = side.kind === 'version' ? thread.message(side.id)?.value : undefined;
  return (
    <section class="compare-column" aria-label={nameOf(side)}>
      <SideSelect thread={thread} side={side} other={other} messageId={messageId} onChoose={onChoose} />
      <div class="compare-body" tabIndex={0} role="group" aria-label={t('message.answer')} aria-busy={message?.status === 'streaming'}>
        {side.kind === 'open' ? <p class="compare-hint">{t('compare.hint')}</p> : null}
        {side.kind === 'asked' ? <Asked clientMessageId={side.clientMessageId} /> : null}
        {message === undefined ? null : <Answer message={message} />}
      </div>
      {message === undefined ? null : (
        <footer class="compare-foot">
          <Facts message={message} />
          <Button size="sm" variant="primary" disabled={message.status === 'streaming'} onClick={() => onGoOn(message.id)}>
            {t('compare.goOn')}
          </Button>
        </footer>
      )}
    </section>
  );
}

function SideSelect({ thread, side, other, messageId, onChoose }: Omit<CompareColumnProps, 'onGoOn'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const nameOf = useSideName(thread);
  const models = state.settings.info.value?.models ?? [];
  const value = side.kind === 'version' ? `v ${side.id}` : side.kind === 'asked' ? `m ${side.model}` : '';
  return (
    <select
      class="select compare-select"
      aria-label={t('compare.which')}
      value={value}
      onChange={(event) => {
        const [kind, ...rest] = event.currentTarget.value.split(' ');
        const id = rest.join(' ');
        if (kind === 'v') onChoose({ kind: 'version', id });
        else if (kind === 'm') onChoose({ kind: 'model', model: id });
      }}
    >
      {side.kind === 'open' ? <option value="">{t('compare.choose')}</option> : null}
      <optgroup label={t('compare.versions')}>
        {thread.siblings(messageId).map((id) => (
          <option key={id} value={`v ${id}`} disabled={other.kind === 'version' && other.id === id}>
            {nameOf({ kind: 'version', id })}
          </option>
        ))}
      </optgroup>
      <optgroup label={t('compare.ask')}>
        {models.map((model) => (
          <option key={model.id} value={`m ${model.id}`}>
            {model.label}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

/** The wish is on its way, or was refused. */
function Asked({ clientMessageId }: { readonly clientMessageId: string }) {
  const { state, i18n } = useApp();
  const entry = state.outbox.entries.value.find(({ id }) => id === clientMessageId);
  if (entry?.state !== 'failed') return <Spinner label={i18n.t('phase.waiting')} />;
  return (
    <p class="form-error" role="alert">
      {entry.error === undefined ? i18n.t('outbox.failed') : explain(i18n, entry.error)}
    </p>
  );
}

function Answer({ message }: { readonly message: Message }) {
  const { i18n } = useApp();
  const text = textOf(message.parts);
  const media = mediaOf(message.parts);
  const streaming = message.status === 'streaming';
  return (
    <>
      {text === '' && media.length === 0 && streaming ? <Spinner label={i18n.t('phase.waiting')} /> : null}
      {text === '' ? null : (
        <div class="answer-text">
          <Markdown source={text} streaming={streaming} />
        </div>
      )}
      {media.length === 0 ? null : <Pictures parts={media} conversationId={message.conversationId} />}
      {message.error === undefined ? null : (
        <p class="form-error" role="alert">
          {explain(i18n, message.error)}
        </p>
      )}
    </>
  );
}

/** What speaks for one of them besides its words. */
function Facts({ message }: { readonly message: Message }) {
  const { i18n } = useApp();
  const { usage } = message;
  if (usage === undefined) return <span />;
  const spent = usage.outputTokens + usage.thoughtTokens;
  const cost = usage.costMicroUsd === undefined ? '' : ` · ${money(i18n, usage.costMicroUsd)}`;
  return (
    <small>
      {i18n.t(usage.estimated === true ? 'usage.about' : 'usage.tokens', { count: spent })}
      {cost}
    </small>
  );
}
