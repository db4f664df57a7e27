import type { Finding } from '../../protocol/index.ts';
import { type FindingCode, type FindingTexts, findingTexts } from './finding-texts.ts';

/** A finding with its English words. */
export function finding(code: FindingCode, state: Finding['state'], params: Finding['params'] = {}): Finding {
  const texts: FindingTexts = findingTexts[code];
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (mark, name: string) => String(params[name] ?? mark));
  return { code, state, params, title: texts.title, text: fill(texts[state] ?? texts.ok), mend: fill(texts.mend) };
}
