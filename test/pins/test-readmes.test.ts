import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A path in the table of `test/abuse/README.md` is of the repository or of its own folder. */
const named = [...new Set([...readFileSync('test/abuse/README.md', 'utf8').matchAll(/`([\w./-]+\.ts)`/g)].map(([, path = '']) => path))];
const isThere = (path: string): boolean => [path, `test/abuse/${path}`].some((candidate) => existsSync(candidate));

describe('the table of bad inputs', () => {
  it('names the files of more than ten groups', () => {
    expect(named.length).toBeGreaterThan(10);
  });

  it.each(named)('names a file that is there: %s', (path) => {
    expect(isThere(path)).toBe(true);
  });

  it('names every group of bad inputs', () => {
    const readme = readFileSync('test/abuse/README.md', 'utf8');
    for (const group of 'WS AU PW SC NO PP ID CS MD UP PT SS HT RD IP LG PI CO CF PL'.split(' ')) expect(readme).toContain(`M-${group}`);
  });
});
