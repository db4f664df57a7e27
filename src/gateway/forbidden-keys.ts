/** Keys of JSON that would change a prototype where an object is built from them (PROMISES R20). */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
