/**
 * Types that a browser shows by itself without running anything of them, with the ending of their names. Everything else is
 * handed out as a download of bytes without a type.
 */
const shown: ReadonlyMap<string, string> = new Map([
  ['audio/mpeg', 'mp3'],
  ['audio/mp4', 'm4a'],
  ['audio/ogg', 'ogg'],
  ['audio/wav', 'wav'],
  ['audio/webm', 'weba'],
  ['audio/flac', 'flac'],
  ['audio/aac', 'aac'],
  ['video/mp4', 'mp4'],
  ['video/webm', 'webm'],
  ['video/ogg', 'ogv'],
  ['application/pdf', 'pdf'],
  ['text/plain', 'txt'],
]);

const aliases: ReadonlyMap<string, string> = new Map([
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-flac', 'audio/flac'],
]);

const unknownType = 'application/octet-stream';

/** The type under which bytes are kept: what was said, in its plain form; a PDF has to begin like one. */
export function plainType(mime: string, head: Buffer): string {
  const said = (mime.split(';', 1)[0] ?? '').trim().toLowerCase();
  const known = aliases.get(said) ?? said;
  if (known.length > 100 || !/^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/.test(known)) return unknownType;
  if (known === 'application/pdf' && !head.includes('%PDF-')) return unknownType;
  return known;
}

/** How plain bytes of this type may be handed out. Null: as a download without a type. */
export function shownPlainly(mime: string): { readonly ending: string; readonly type: string } | null {
  const ending = shown.get(mime);
  if (ending === undefined) return null;
  return { ending, type: mime === 'text/plain' ? 'text/plain; charset=utf-8' : mime };
}
