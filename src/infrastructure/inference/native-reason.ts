import { shortReason } from '../../lib/short-reason.ts';

/** Longer than any signature that was seen, and short enough for the expression below. */
const LONGEST = 4000;

/**
 * Why the runtime refused, for a person: its words begin with the place in its own source, a signature and a condition
 * (`…/webgpu_context.cc:65 void f(…) status == Success was false. No supported adapters`), and end with what is meant.
 */
export function nativeReason(error: unknown): string {
  if (!(error instanceof Error)) return shortReason(error);
  const meant = error.message
    .slice(0, LONGEST)
    .replace(/^.*?\.(?:cc|cpp|h):\d+ .*? was false\.?\s*/s, '')
    .replace(/^Ort\w+: /, '');
  return shortReason(meant.trim() === '' ? error : meant).replace(/\.$/, '');
}
