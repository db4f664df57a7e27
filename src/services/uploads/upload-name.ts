/** Longest display name, in characters. */
const maxLength = 120;

/**
 * A file name fit to be shown: the last path segment without control, bidirectional or invisible characters, so that it
 * cannot pretend another ending. It is never used as a path.
 * @returns undefined when nothing is left
 */
export function displayName(original: string | undefined): string | undefined {
  if (original === undefined) return undefined;
  const last = original.slice(-4096).split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    // Zero-width non-joiner and joiner stay: Persian and emoji are written with them.
    .replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\ufffd]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  const characters = [...clean];
  if (characters.length <= maxLength) return clean === '' ? undefined : clean;
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(clean)?.[0] ?? '';
  return `${characters.slice(0, maxLength - ending.length - 1).join('')}…${ending}`;
}
