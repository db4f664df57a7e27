import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

export interface Toast {
  readonly id: string;
  readonly text: string;
  readonly tone?: 'info' | 'success' | 'warning' | 'danger';
  /** words of somebody else: their direction is their own, not that of the page */
  readonly foreign?: boolean;
  readonly action?: { readonly label: string; readonly onSelect: () => void };
}

export interface ToastRegionProps {
  /** newest last; the owner decides how long each one stays */
  readonly toasts: readonly Toast[];
  readonly onDismiss: (id: string) => void;
  readonly label: string;
  readonly dismissLabel: string;
}

const icons: Record<NonNullable<Toast['tone']>, IconName> = { info: 'info', success: 'check', warning: 'alert', danger: 'alert' };

/** Keep it in the page from the start: a live region announces only what is added to it later. */
export function ToastRegion({ toasts, onDismiss, label, dismissLabel }: ToastRegionProps) {
  return (
    <section class="ui-toasts" aria-label={label} aria-live="polite" aria-relevant="additions">
      {toasts.map(({ id, text, foreign, tone = 'info', action }) => (
        <div key={id} class="ui-toast" data-tone={tone}>
          <Icon name={icons[tone]} />
          <span class="ui-toast-text" dir={foreign === true ? 'auto' : undefined}>
            {text}
          </span>
          {action === undefined ? null : (
            <Button variant="ghost" size="sm" onClick={action.onSelect}>
              {action.label}
            </Button>
          )}
          <IconButton icon="close" size="sm" label={dismissLabel} tooltip="none" onClick={() => onDismiss(id)} />
        </div>
      ))}
    </section>
  );
}
