/** When the next drawing of growing text is due. Times are in ms of one clock. */
export interface DrawingPace {
  /** @returns ms from `now` until the next drawing; 0 or less: at once */
  wait(now: number): number;
  began(now: number): void;
  /** What the drawing that began last has cost the page, with its layout and its paint. */
  cost(ms: number): void;
}

/** At most 30 drawings a second: nobody sees more, and a drawing costs the same however little is new in it. */
const shortestMs = 33;
/** At least 15 a second: fewer look like steps. */
const longestMs = 66;
/** What drawing may take of the time: the rest is for what the person does, and for the battery. */
const share = 0.1;
/** One slow drawing is no slow machine: what counts is about the last eight. */
const weight = 1 / 8;

/** Text grows in as many steps as the machine can draw in a small part of its time. The first step is never delayed. */
export function createDrawingPace(): DrawingPace {
  let last = Number.NEGATIVE_INFINITY;
  let mean = 0;
  return {
    wait: (now) => last + Math.min(longestMs, Math.max(shortestMs, mean / share)) - now,
    began(now) {
      last = now;
    },
    cost(ms) {
      mean += weight * (ms - mean);
    },
  };
}
