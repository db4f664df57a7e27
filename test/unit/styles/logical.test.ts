import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../../../public/styles/', import.meta.url);
const physical =
  /(^|[\s;{])((margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right)|left|right|float|clear|border-(top|bottom)-(left|right)-radius)\s*:|text-align:\s*(left|right)\b/;

/**
 * What has to name a side of the screen, because it follows the direction of something else than the box itself: each has `dir` in
 * its selector or in the comment above it. `side-of-screen` marks the handful of others.
 */
function isMeant(rule: string): boolean {
  return /dir=|:dir\(|side-of-screen/.test(rule);
}

it('styles name the beginning and the end of a line, never left and right, so that every page turns round by itself', () => {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.css'))
    .flatMap((name) => {
      const rules = readFileSync(new URL(name, folder), 'utf8').split('}');
      return rules
        .filter((rule) => physical.test(rule.replace(/\/\*[\s\S]*?\*\//g, '')) && !isMeant(rule))
        .map((rule) => `${name}: ${rule.trim()}`);
    });
  expect(found).toEqual([]);
});
