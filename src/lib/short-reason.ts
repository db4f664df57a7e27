const LONGEST = 200;

/** Words of a foreign error that an operator may read: one line, no folder, no host, no password, at most 200 characters. */
export function shortReason(error: unknown): string {
  const words = error instanceof Error ? error.message : typeof error === 'string' ? error : 'it threw something that is not an error';
  const line = words
    .slice(0, LONGEST * 10)
    .replaceAll(/\s+/g, ' ')
    .trim();
  // Addresses and absolute paths end in the name alone: before it stand hosts, user names, passwords and folders.
  const plain = line
    .replaceAll(/\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>()]*/gi, nameAtTheEnd)
    .replaceAll(/(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+)+[/\\]([\w.@+-]+)/g, '$1');
  return plain === '' ? 'it gave no reason' : plain.slice(0, LONGEST);
}

function nameAtTheEnd(address: string): string {
  const [path = ''] = address.slice(address.indexOf('://') + 3).split(/[?#]/, 1);
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  return slash < 0 || name === '' ? '(an address)' : name;
}
