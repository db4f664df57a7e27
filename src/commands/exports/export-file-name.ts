const MAX_CHARACTERS = 60;
/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * A file name of a title that every system takes: letters and digits of any script, `-` and `_`; no path, no mark that
 * turns the direction and hides the extension. At most 60 characters before the extension.
 */
export function exportFileName(title: string, extension: string): string {
  const words =
    title
      .slice(0, 1000)
      .normalize('NFC')
      .match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
  const name = [...words.join('-')].slice(0, MAX_CHARACTERS).join('').replace(/-$/, '');
  const safe = name === '' || reserved.test(name) ? `conversation${name === '' ? '' : `-${name}`}` : name;
  return `${safe}.${extension}`;
}
