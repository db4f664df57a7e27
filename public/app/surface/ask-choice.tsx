import type { AskSpec } from '../../../src/protocol/surface-shapes.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import type { AskInputProps } from './ask-view.tsx';

export interface AskChoiceProps extends AskInputProps {
  readonly spec: Extract<AskSpec, { kind: 'choice' }>;
}

/** A question with some answers to choose from; a click answers it. */
export function AskChoice({ prompt, busy, spec, skip, onSend }: AskChoiceProps) {
  return (
    <>
      <div class="ask-choices" role="group" aria-label={prompt}>
        {spec.options.map(({ value, label, description, icon }) => (
          <button
            key={value}
            type="button"
            class="ask-choice"
            aria-disabled={busy ? 'true' : undefined}
            onClick={() => busy || onSend(value)}
          >
            {icon === undefined ? null : <Icon name={iconFrom(icon, 'sparkle')} />}
            <span class="tile-words">
              <bdi class="tile-title">{label}</bdi>
              {description === undefined ? null : <bdi class="tile-hint">{description}</bdi>}
            </span>
          </button>
        ))}
      </div>
      <div class="ask-buttons">{skip}</div>
    </>
  );
}
