import type { Message } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { returnToComposer } from '../shell/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { type Ending, endingOf, wordsOf } from './ending-of.ts';
import { textOf } from './message-parts.ts';

const icons: Record<Ending, IconName> = {
  stopped: 'stop',
  interrupted: 'alert',
  failed: 'alert',
  length: 'info',
  refused: 'alert',
  unknown: 'info',
};

export function FinishNote({ message, last }: { readonly message: Message; readonly last: boolean }) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const ending = endingOf(message);
  if (ending === null) return null;
  const { error } = message;
  const empty = textOf(message.parts) === '';
  const cut = ending === 'interrupted' || ending === 'stopped' || /^max_tokens$/i.test(message.finishReason ?? '');
  // Nothing to go on from: it is asked again.
  const continues = cut && !empty;
  const retries = ending === 'interrupted' || ending === 'failed' || ending === 'refused' || (cut && empty);
  const words = wordsOf(ending, empty);
  const press = (act: (message: Message) => void) => () => {
    act(message);
    returnToComposer();
  };
  return (
    <div class="finish-note" data-ending={ending} role={ending === 'failed' ? 'alert' : undefined}>
      <Icon name={icons[ending]} size="sm" />
      <div class="finish-words">
        <p>
          {t(`finish.${words}`, { reason: message.finishReason ?? '' })}
          {error === undefined ? null : ` ${explain(i18n, error)}`}
        </p>
        {error?.requestId === undefined ? null : <small dir="ltr">{error.requestId}</small>}
      </div>
      {last ? (
        <div class="finish-buttons">
          {continues ? (
            <Button size="sm" onClick={press(actions.resume)}>
              {t('action.continue')}
            </Button>
          ) : null}
          {retries ? (
            <Button size="sm" icon="refresh" onClick={press(actions.regenerate)}>
              {t('action.retry')}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
