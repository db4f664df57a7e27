import type { ButtonHTMLAttributes, ComponentChildren, Ref } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import { Spinner } from './spinner.tsx';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'size' | 'icon' | 'loading' | 'class' | 'className'> {
  readonly variant?: 'primary' | 'secondary' | 'ghost' | 'danger';
  readonly size?: 'sm' | 'md';
  readonly icon?: IconName;
  /** shows a spinner and refuses clicks; the words stay, so the width does too */
  readonly busy?: boolean;
  /** as wide as its container */
  readonly block?: boolean;
  readonly class?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly children?: ComponentChildren;
}

export function Button({
  variant = 'secondary',
  size = 'md',
  icon,
  busy = false,
  block = false,
  buttonRef,
  children,
  ...rest
}: ButtonProps) {
  const { class: extra, disabled, ...attributes } = rest;
  return (
    <button
      type="button"
      {...attributes}
      ref={buttonRef ?? null}
      class={extra === undefined ? 'ui-button' : `ui-button ${extra}`}
      data-variant={variant}
      data-size={size}
      data-block={block ? '' : undefined}
      aria-busy={busy ? 'true' : undefined}
      disabled={busy || disabled === true}
    >
      {busy ? <Spinner /> : icon === undefined ? null : <Icon name={icon} size={size === 'sm' ? 'sm' : 'md'} />}
      {children}
    </button>
  );
}
