import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const tokens = [...readFileSync('public/styles/tokens.css', 'utf8').matchAll(/^\s+(--[\w-]+):/gm)].map(([, name = '']) => name);
const page = readFileSync('docs/design.md', 'utf8');
const named = [...page.matchAll(/`(--[\w-]+)`/g)].map(([, name = '']) => name);

it('docs/design.md names every token, and no other', () => {
  expect([...new Set(named)].sort()).toEqual([...new Set(tokens)].sort());
});
