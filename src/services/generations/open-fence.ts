/** A code block of Markdown that a text begins and does not end. */
export interface OpenFence {
  /** The back quotes or tildes that opened it. */
  readonly marker: string;
  /** In lower case; '' where none is named. */
  readonly language: string;
}

/** @returns the block in which the text ends, or null. Time grows linearly with the text. */
export function openFenceOf(text: string): OpenFence | null {
  let open: OpenFence | null = null;
  for (const line of text.split('\n')) {
    const match = /^ {0,12}(`{3,}|~{3,})[ \t]*(\S*)(.*)$/.exec(line);
    const [, marker, language = '', rest = ''] = match ?? [];
    if (marker === undefined) continue;
    const fence = { marker, language: language.toLowerCase() };
    if (open === null) open = opens(marker, language + rest) ? fence : null;
    else if (`${language}${rest}`.trim() === '' && marker.startsWith(open.marker)) open = null;
  }
  return open;
}

/** Back quotes further on make it code inside of a line. */
function opens(marker: string, rest: string): boolean {
  return marker.startsWith('~') || !rest.includes('`');
}
