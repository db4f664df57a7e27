import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.0 to 2.2, levels A and AA, and what the checker calls best practice. */
const everything = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What moves has another colour at each moment, and what inherits it begins to move when it ends: until three frames in a row nothing does. */
const standStill = `(async () => {
  for (let still = 0, frames = 0; still < 3 && frames < 60; frames += 1) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const moving = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity && one.playState === 'running');
    for (const one of moving) one.finish();
    still = moving.length === 0 ? still + 1 : 0;
  }
})()`;

/**
 * The list of commands is moved through from the text field by the arrow keys, which a text field of several lines cannot say as a
 * combobox: ARIA gives it no other role. It must not be a stop of the Tab key besides.
 */
const meant = /^scrollable-region-focusable .*id="command-palette"/;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * What axe finds on the page as it is now. The scripts of the checker come through the browser's own tools, so the policy of the page holds.
 * @param rules only these; default: all of WCAG 2.2 AA and the best practices
 * @returns one line for each fault, with the element and why; none is good
 */
export async function axeProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>('typeof globalThis.axe === "object"'))) await page.evaluate(source);
  const runOnly = rules === undefined ? { type: 'tag', values: everything } : { type: 'rule', values: rules };
  await page.evaluate(standStill);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] }).then((found) => found.violations)`,
  );
  const problems = violations.flatMap(({ id, impact, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ html, failureSummary = '' }) =>
          `${id} (${impact ?? '?'}): ${html.slice(0, 160)} ${failureSummary.replace(/\s+/g, ' ').slice(0, 240)}`,
      ),
  );
  return problems.filter((problem) => !meant.test(problem));
}
