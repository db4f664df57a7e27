import { describe, expect, test } from 'vitest';
import { createMarkdownModel, parseMarkdown } from '../../../public/app/markdown/parse-markdown.ts';
import { cpuMs } from '../../support/cpu-ms.ts';

const many = 100_000;
const attacks: Record<string, string> = {
  'open brackets': '['.repeat(many),
  stars: '*'.repeat(many),
  backticks: '`'.repeat(many),
  'quote marks': '>'.repeat(many),
  'link middles': ']('.repeat(many),
  'emphasis that never closes': '*a '.repeat(many),
  'angle brackets': '<'.repeat(many),
  comments: '<!--'.repeat(many),
  'picture starts': '![a]('.repeat(20_000),
  'a list 5,000 deep': Array.from({ length: 5_000 }, (_, index) => `${' '.repeat(index)}- a`).join('\n'),
  'a list 5,000 deep on one line': `${'- '.repeat(5_000)}a`,
  'quotes 5,000 deep': `${'> '.repeat(5_000)}a`,
  'a table of 5,000 columns': `${'|a'.repeat(5_000)}|\n${'|-'.repeat(5_000)}|\n${'|b'.repeat(5_000)}|`,
  'a mail address without end': `${'a.b-c_d+'.repeat(12_000)}@`,
  'brackets below the bound': '['.repeat(1_500),
  backslashes: '\\'.repeat(many),
};

/** What people write: the same length as the attacks, and the measure of them in the same run. */
const ordinary = Array.from(
  { length: 700 },
  (_, index) => `## Part ${index}\n\nSome *words* with a [link](https://example.org/${index}) and \`code\`.\n\n- one\n- two\n`,
).join('\n');
/** An attack may cost this many times an ordinary text; one that grows with the square of its length costs a thousand times. */
const factor = 8;

/** The best of a few: the work counts, not what V8 has to do for it the first time. */
function bestMs(work: () => void, enough = 0): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 8 && best > enough; run += 1) best = Math.min(best, cpuMs(work));
  return best;
}

describe('a block that is too deep or too long', () => {
  test.each(Object.entries(attacks))('%s costs not much more than an ordinary text, streamed or whole', (_name, source) => {
    const limit = factor * bestMs(() => parseMarkdown(ordinary));
    expect(bestMs(() => parseMarkdown(source), limit)).toBeLessThan(limit);
    expect(bestMs(() => createMarkdownModel().update(source, true), limit)).toBeLessThan(limit);
  });

  test('is shown as it was written, and the blocks around it are still read', () => {
    const deep = `${'> '.repeat(100)}a`;
    const nodes = parseMarkdown(`# title\n\n${deep}\n\nend`).map((block) => block.node);
    expect(nodes.map((node) => node.type)).toEqual(['heading', 'plain', 'paragraph']);
    expect(nodes[1]).toEqual({ type: 'plain', children: [{ type: 'text', text: deep }] });
  });

  test('20,000 lines of code stay code', () => {
    const [block] = parseMarkdown(`\`\`\`js\n${'let a = 1;\n'.repeat(20_000)}\`\`\``);
    expect(block?.node).toMatchObject({ type: 'code', language: 'js', closed: true });
  });
});
