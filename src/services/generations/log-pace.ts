import type { Clock } from '../../lib/clock.ts';

/** A turn of the event loop that takes longer than this is late: from then on tokens are joined. */
const LATE_MS = 10;
/** So long after the last late turn: joining is what made the loop keep up. */
const CALM_MS = 250;
/** Frames of one answer come at least this far apart while the loop is late. */
const LATE_WINDOW_MS = 33;
/** The same for an answer that comes faster than a screen shows it. */
const FAST_WINDOW_MS = 16;
const FAST_EVENTS_PER_SECOND = 80;
/** How long the speed of an answer is looked at. */
const SPEED_MS = 250;
const TICK_MS = 8;

/** When readers are told of new events. */
export interface LogPace {
  /** @param tell tells the readers of one log of everything new. @returns says that there is something new; called for each event */
  of(tell: () => void): () => void;
}

/** Once for each turn of the event loop, which joins the tokens of one upstream read and delays nothing that anybody could notice. */
export const everyTurn: LogPace = {
  of(tell) {
    let waiting = false;
    return () => {
      if (waiting) return;
      waiting = true;
      setImmediate(() => {
        waiting = false;
        tell();
      });
    };
  },
};

export interface LogPaceOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** Runs after what this turn of the event loop still does. */
  readonly nextTurn?: (run: () => void) => void;
}

interface Answer {
  readonly tell: () => void;
  waiting: boolean;
  toldAt: number;
  /** Of its speed. */
  fast: boolean;
  events: number;
  since: number;
}

/**
 * The pace of all answers of a process. As `everyTurn`, with one callback for all of them, and tokens are joined further when that
 * pays: while the loop is late, and for an answer that is very fast. At a usual speed joining would save nothing and delay each token.
 */
export function createLogPace({ clock, now, nextTurn = (run) => void setImmediate(run) }: LogPaceOptions): LogPace {
  let turn: Answer[] = [];
  let held: Answer[] = [];
  let turnAt = 0;
  let lateUntil = Number.NEGATIVE_INFINITY;
  let ticking = false;

  function isHeld(answer: Answer, at: number): boolean {
    if (at - answer.since >= SPEED_MS) {
      answer.fast = (answer.events * 1000) / (at - answer.since) > FAST_EVENTS_PER_SECOND;
      answer.events = 0;
      answer.since = at;
    }
    const window = at < lateUntil ? LATE_WINDOW_MS : answer.fast ? FAST_WINDOW_MS : 0;
    return at - answer.toldAt < window;
  }

  /** @returns those that wait for the end of their window */
  function tellDue(answers: readonly Answer[], at: number): Answer[] {
    const early: Answer[] = [];
    for (const answer of answers) {
      if (isHeld(answer, at)) early.push(answer);
      else {
        answer.waiting = false;
        answer.toldAt = at;
        answer.tell();
      }
    }
    return early;
  }

  function endTurn(): void {
    const answers = turn;
    turn = [];
    const early = tellDue(answers, now());
    // From the first event of this turn until the last reader has it.
    const end = now();
    if (end - turnAt > LATE_MS) lateUntil = end + CALM_MS;
    if (early.length === 0) return;
    held.push(...early);
    tick();
  }

  function tick(): void {
    if (ticking) return;
    ticking = true;
    clock.after(TICK_MS, () => {
      ticking = false;
      const answers = held;
      held = [];
      held = [...tellDue(answers, now()), ...held];
      if (held.length > 0) tick();
    });
  }

  return {
    of(tell) {
      const answer: Answer = { tell, waiting: false, toldAt: Number.NEGATIVE_INFINITY, fast: false, events: 0, since: now() };
      return () => {
        answer.events += 1;
        if (answer.waiting) return;
        answer.waiting = true;
        turn.push(answer);
        if (turn.length > 1) return;
        turnAt = now();
        nextTurn(endTurn);
      };
    },
  };
}
