import type { ModelEvent } from '../../core/index.ts';

/** What JSON writes longer than it is: control characters, quotes, and half of a pair. */
const escaped = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** Of what an event adds to its answer, in characters of JSON as it is stored: a control character counts six times. */
export function eventLength(event: ModelEvent): number {
  switch (event.type) {
    case 'text':
    case 'thought':
      return escaped.test(event.text) ? JSON.stringify(event.text).length : event.text.length + 2;
    case 'code':
      return JSON.stringify(event.code).length;
    case 'code-result':
      return JSON.stringify(event.output).length;
    default:
      return 0;
  }
}
