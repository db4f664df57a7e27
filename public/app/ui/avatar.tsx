export interface AvatarProps {
  /** the person's name; decorative, the name stands beside it or in the control's label */
  readonly name: string;
  readonly size?: 'sm' | 'md';
}

/**
 * First letters of the first and last word of a name, by whole characters. Arabic letters would join into something else,
 * so a name in Arabic script gives one letter.
 */
export function initialsFrom(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = Array.from(words[0] ?? '')[0] ?? '';
  const last = words.length > 1 ? (Array.from(words[words.length - 1] ?? '')[0] ?? '') : '';
  return /\p{Script=Arabic}/u.test(first) ? first : (first + last).toLocaleUpperCase();
}

export function Avatar({ name, size = 'md' }: AvatarProps) {
  return (
    <span class="ui-avatar" data-size={size} aria-hidden="true">
      {initialsFrom(name)}
    </span>
  );
}
