import type { ButtonHTMLAttributes, Ref } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'label' | 'size' | 'icon' | 'class' | 'className'> {
  readonly icon: IconName;
  /** the accessible name; shown as a tooltip too */
  readonly label: string;
  readonly size?: 'sm' | 'md';
  readonly variant?: 'ghost' | 'primary';
  /** for toggles: sets aria-pressed */
  readonly pressed?: boolean;
  readonly tooltip?: 'above' | 'below' | 'none';
  /** at the edge of the window the tooltip must not stick out: align it with that edge of the button */
  readonly tooltipAlign?: 'center' | 'start' | 'end';
  readonly class?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton(props: IconButtonProps) {
  const {
    icon,
    label,
    size = 'md',
    variant = 'ghost',
    pressed,
    tooltip = 'above',
    tooltipAlign = 'center',
    buttonRef,
    class: extra,
    ...rest
  } = props;
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef ?? null}
      class={extra === undefined ? 'ui-icon-button' : `ui-icon-button ${extra}`}
      aria-label={label}
      aria-pressed={pressed}
      data-size={size}
      data-variant={variant}
      data-tooltip={tooltip === 'none' ? undefined : label}
      data-tooltip-side={tooltip === 'below' ? 'below' : undefined}
      data-tooltip-align={tooltipAlign === 'center' ? undefined : tooltipAlign}
    >
      <Icon name={icon} size={size === 'sm' ? 'sm' : 'md'} />
    </button>
  );
}
