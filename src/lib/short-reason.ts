const LONGEST = 200;

/** Words of a foreign error that an operator may read: one line, no path, no address, at most 200 characters. */
export function shortReason(error: unknown): string {
  const words = error instanceof Error ? error.message : typeof error === 'string' ? error : 'it threw something that is not an error';
  const line = words
    .slice(0, LONGEST * 10)
    .replaceAll(/\s+/g, ' ')
    .trim();
  // Absolute paths and addresses end in the name alone.
  const plain = line.replaceAll(/(?:file:\/\/|https?:\/\/)?(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+)+[/\\]([\w.@+-]+)/g, '$1');
  return plain === '' ? 'it gave no reason' : plain.slice(0, LONGEST);
}
