export interface SpinnerProps {
  readonly size?: 'md' | 'lg';
  /** spoken name; leave it out where words beside it already say what is going on */
  readonly label?: string;
}

export function Spinner({ size = 'md', label }: SpinnerProps) {
  if (label === undefined) return <span class="ui-spinner" data-size={size} aria-hidden="true" />;
  return <span class="ui-spinner" data-size={size} role="status" aria-label={label} />;
}
