import type { Finding } from '../../../src/protocol/shapes.ts';
import type { I18n } from '../state/i18n.ts';

export interface FindingWords {
  readonly title: string;
  readonly text: string;
  /** Empty where there is nothing to mend. */
  readonly mend: string;
  /** False: the server's English, because this page knows no words for it. */
  readonly own: boolean;
}

/** The words for a finding in the page's language, else the English that came with it. */
export function findingWords(i18n: I18n, { code, state, params, title, text, mend }: Finding): FindingWords {
  const key = `doctor.${code}`;
  const say = (name: string, otherwise: string) => (i18n.has(name) ? i18n.t(name, params) : otherwise);
  // A more exact text where the parameters name a case, e.g. `doctor.X.problem.silent`.
  const { state: detail } = params;
  const exact = typeof detail === 'string' ? `${key}.${state}.${detail}` : '';
  return {
    title: say(`${key}.title`, title),
    text: i18n.has(exact) ? i18n.t(exact, params) : say(`${key}.${state}`, text),
    mend: state === 'ok' || state === 'unknown' ? '' : say(`${key}.mend`, mend),
    own: i18n.has(`${key}.title`),
  };
}

const marks: Record<Finding['state'], string> = { ok: '[ok]', warning: '[warning]', problem: '[problem]', unknown: '[unknown]' };

/** The findings as plain text to send to somebody who helps: English marks, the page's words, nothing that is secret. */
export function reportText(i18n: I18n, findings: readonly Finding[], head: readonly string[]): string {
  const lines = findings.flatMap((finding) => {
    const { title, text, mend } = findingWords(i18n, finding);
    return [`${marks[finding.state]} ${finding.code}: ${title}`, `  ${text}`, ...(mend === '' ? [] : [`  → ${mend}`])];
  });
  // The isolates that keep names in place on the page are clutter in a plain text.
  return `${[...head, '', ...lines].join('\n')}\n`.replaceAll(/[\u2066-\u2069]/g, '');
}
