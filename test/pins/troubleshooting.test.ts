import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FindingTexts, findingCodes, findingTexts } from '../../src/services/doctor/finding-texts.ts';

/*
 * What /doctor says and what the READMEs say are the same sentences. A value that is known only when it happens is written
 * as … there.
 */

const inTable = (text: string) =>
  text
    .replaceAll(/\{\w+\}/g, '…')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
const words = JSON.parse(readFileSync('public/locales/pages/fa.json', 'utf8')) as Record<string, string>;
const english = JSON.parse(readFileSync('public/locales/pages/en.json', 'utf8')) as Record<string, string>;

/** A row for each sentence that says what is wrong. */
function rows(wordsOf: (code: string, part: keyof FindingTexts) => string | undefined): string[] {
  return findingCodes.flatMap((code) =>
    (['warning', 'problem'] as const).flatMap((state) => {
      const text = wordsOf(code, state);
      return text === undefined ? [] : [`| ${inTable(text)} | ${inTable(wordsOf(code, 'mend') ?? '')} |`];
    }),
  );
}

describe('the troubleshooting sections', () => {
  it('say what /doctor says', () => {
    const page = readFileSync('README.md', 'utf8');
    const expected = rows((code, part) => (findingTexts as Record<string, FindingTexts>)[code]?.[part]);
    expect(expected.length).toBeGreaterThan(15);
    expect(page).toContain(expected.join('\n'));
  });

  it('say it in Persian too', () => {
    expect(readFileSync('README.fa.md', 'utf8')).toContain(rows((code, part) => words[`doctor.${code}.${part}`]).join('\n'));
  });

  it('have the words of the page in English', () => {
    for (const code of findingCodes) {
      for (const [part, text] of Object.entries(findingTexts[code]))
        expect(english[`doctor.${code}.${part}`], `${code} ${part}`).toBe(text);
    }
  });
});
