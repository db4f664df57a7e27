import { useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { ActionsPart } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { iconFrom } from '../ui/icon.tsx';
import { invokeAction } from './invoke-action.ts';

export interface ActionRowProps {
  readonly part: ActionsPart;
  readonly message: Message;
}

const variants = { plain: 'secondary', primary: 'primary', danger: 'danger' } as const;

/** Buttons of a plugin under its words. One at a time: the others wait until it has answered. */
export function ActionRow({ part, message }: ActionRowProps) {
  const app = useApp();
  const [busy, setBusy] = useState<number | null>(null);
  if (part.items.length === 0) return null;
  const press = (index: number) => {
    const item = part.items[index];
    if (item === undefined || busy !== null) return;
    setBusy(index);
    const { actionId, label, payload: data } = item;
    void invokeAction(app, { actionId, label, data, message }).finally(() => setBusy(null));
  };
  return (
    <div class="action-row" role="group" aria-label={app.i18n.t('surface.actions')}>
      {part.items.map(({ label, tooltip, icon, tone = 'plain' }, index) => (
        <Button
          key={index}
          size="sm"
          variant={variants[tone]}
          {...(icon === undefined ? {} : { icon: iconFrom(icon, 'sparkle') })}
          title={tooltip}
          busy={busy === index}
          aria-disabled={busy !== null && busy !== index ? 'true' : undefined}
          onClick={() => press(index)}
        >
          <bdi>{label}</bdi>
        </Button>
      ))}
    </div>
  );
}
