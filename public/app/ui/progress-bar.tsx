export interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; null while nobody knows */
  readonly share: number | null;
}

/** How far something is. The browser draws it along the line of text. */
export function ProgressBar({ label, share }: ProgressBarProps) {
  return <progress class="progress" aria-label={label} {...(share === null ? {} : { value: share, max: 1 })} />;
}
