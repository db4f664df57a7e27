// Times that travel inside tokens: microseconds of the machine's monotonic clock, the same in every process.

const WIDTH = 10;

/** @returns microseconds; Linux and macOS count from the start of the machine */
export function now() {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
}

/** @returns `@` and ten characters */
export const stampOf = (micros) => `@${Math.floor(micros).toString(36).padStart(WIDTH, '0')}`;

/** Calls `each` with the time of every stamp in a text. */
export function stampsIn(text, each) {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + WIDTH))
    each(Number.parseInt(text.slice(at + 1, at + 1 + WIDTH), 36));
}
