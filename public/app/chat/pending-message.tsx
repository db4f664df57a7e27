import type { MediaPart, StoredFile } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Logo } from '../shell/logo.tsx';
import { focusComposer } from '../shell/use-shortcuts.ts';
import type { OutboxEntry } from '../state/outbox-entry.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Pictures } from './pictures.tsx';

const asPart = (file: StoredFile): MediaPart => ({
  type: 'image',
  fileId: file.id,
  url: file.url,
  mime: file.mime,
  name: file.name,
  width: file.width,
  height: file.height,
});

/** A message that the server has not accepted yet: it looks sent, says when it is late, and never vanishes. */
export function PendingMessage({ entry, text }: { readonly entry: OutboxEntry; readonly text: { value: string } }) {
  const { i18n } = useApp();
  const words = shownText(entry);
  return (
    <article class="message" data-role="user" data-pending={entry.state} aria-label={i18n.t('message.yours')}>
      <Pictures parts={entry.files.map(asPart)} />
      {words === '' ? null : (
        <div class="bubble" dir="auto">
          {words}
        </div>
      )}
      {entry.state === 'sending' && entry.kept && words === '' && entry.files.length === 0 ? (
        <AnswerPlaceholder />
      ) : (
        <PendingState entry={entry} text={text} />
      )}
    </article>
  );
}

function shownText({ frame }: OutboxEntry): string {
  if (frame.type === 'message.send' && frame.text.startsWith('//')) return frame.text.slice(1);
  return frame.text ?? '';
}

function AnswerPlaceholder() {
  const { i18n } = useApp();
  return (
    <p class="phase">
      <Logo size="sm" />
      <span class="phase-dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span>{i18n.t('phase.waiting')}</span>
    </p>
  );
}

function PendingState({ entry, text }: { readonly entry: OutboxEntry; readonly text: { value: string } }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const notKept = entry.kept ? null : <small class="pending-note">{t('outbox.notKept')}</small>;
  if (entry.state === 'sending') {
    return (
      <p class="pending-state" role="status">
        {t('outbox.sending')}
        {notKept}
      </p>
    );
  }
  const reason = entry.error === undefined ? '' : ` ${explain(i18n, entry.error)}`;
  return (
    <div class="pending-state" data-state={entry.state} role="status">
      <Icon name={entry.state === 'queued' ? 'info' : 'alert'} size="sm" />
      <span class="pending-words">
        <span>
          {t(`outbox.${entry.state}`)}
          {reason}
        </span>
        {notKept}
      </span>
      <PendingButtons entry={entry} text={text} />
    </div>
  );
}

function PendingButtons({ entry, text }: { readonly entry: OutboxEntry; readonly text: { value: string } }) {
  const { state, i18n, uploads, actions } = useApp();
  const { t } = i18n;
  const waits = entry.state === 'queued' && state.generations.running.value.has(entry.conversationId ?? '');
  // What may have arrived would be sent a second time under another name.
  const editable = entry.frame.type === 'message.send' && !entry.tried;
  const edit = () => {
    const words = entry.frame.text ?? '';
    text.value = text.value.trim() === '' ? words : `${words}\n\n${text.value}`;
    uploads.putBack(entry.conversationId ?? '', entry.files);
    if (entry.frame.type === 'message.send' && entry.frame.temporary === true) state.composing.chooseNew({ temporary: true });
    state.outbox.discard(entry.id);
    focusComposer();
  };
  // The buttons go away with what they do: the focus must not be lost with them.
  const then = (work: () => void) => () => {
    work();
    focusComposer();
  };
  return (
    <span class="pending-buttons">
      {waits ? (
        <Button size="sm" onClick={then(() => actions.stop())}>
          {t('outbox.sendNow')}
        </Button>
      ) : null}
      {entry.state === 'queued' ? null : (
        <Button size="sm" icon="refresh" onClick={then(() => state.outbox.retry(entry.id))}>
          {t(entry.state === 'late' ? 'action.retryNow' : 'action.retry')}
        </Button>
      )}
      {editable ? (
        <Button size="sm" onClick={edit}>
          {t('action.edit')}
        </Button>
      ) : null}
      <Button size="sm" variant="ghost" onClick={then(() => state.outbox.discard(entry.id))}>
        {t('action.discard')}
      </Button>
    </span>
  );
}
