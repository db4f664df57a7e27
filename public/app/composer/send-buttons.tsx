import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';
import type { ComposerFacts } from './use-composer-state.ts';

export interface SendButtonsProps {
  readonly facts: ComposerFacts;
  /** The text is a command. */
  readonly command: boolean;
  /** @param at when it was clicked, on the clock of events */
  readonly onStop: (at: number) => void;
}

/** While an answer is written there is Stop, and beside it Send as soon as there is something to say next. */
export function SendButtons({ facts, command, onStop }: SendButtonsProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { running, filled, canSend } = facts;
  const sends = !running || filled || command;
  return (
    <>
      {running ? (
        <IconButton
          icon="stop"
          variant={sends ? 'ghost' : 'primary'}
          label={t('composer.stop')}
          tooltipAlign="end"
          onClick={(event) => onStop(event.timeStamp)}
        />
      ) : null}
      {sends ? (
        <IconButton
          icon="send"
          type="submit"
          variant="primary"
          label={t(running && !command ? 'composer.queue' : 'action.send')}
          tooltipAlign="end"
          disabled={!canSend && !command}
        />
      ) : null}
    </>
  );
}
