import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'test/faults/README.md'), 'utf8');
const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');

/** The faults of the promises. */
const faults = [
  1, 2, 3, 6, 7, 8, 9, 10, 12, 14, 15, 16, 17, 18, 21, 22, 23, 24, 26, 27, 28, 29, 30, 31, 32, 34, 36, 40, 41, 42, 43, 44, 46, 47, 49, 51,
  57, 59,
];
const rows = [...readme.matchAll(/^\| (\d\d|J\d+) \| (\S+) \| (.+) \|$/gm)].map(([, number = '', file = '', title = '']) => ({
  number,
  file,
  title,
}));

describe('the table of faults', () => {
  const numbered = (pattern: RegExp) => [...new Set(rows.flatMap(({ number }) => pattern.exec(number)?.[1] ?? []))].map(Number);

  it('has a row for every fault, and for every promise about jobs', () => {
    expect(numbered(/^(\d\d)$/).toSorted((a, b) => a - b)).toEqual(faults);
    expect(numbered(/^J(\d+)$/).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, at) => at + 1));
  });

  it.each(rows)('names a case that is there: $number in $file', ({ file, title }) => {
    expect(read(file)).toContain(title);
  });
});

describe('the example in the README', () => {
  it('is the file that runs, word for word, and its case is ten lines', () => {
    const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(shown).toBe(read('test/faults/lost-acknowledgement.quick.test.ts'));
    expect(shown.slice(shown.indexOf("fault('01'")).trim().split('\n').length).toBeLessThanOrEqual(10);
  });
});
