import type { GrantedTask, ScheduledTask } from './scheduled-task.ts';
import type { TaskFloor } from './task-floor.ts';

/** When a waiting task is expected to begin and to end. */
export interface ForecastPlace {
  /** 1: the next to begin. */
  readonly position: number;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface Forecast {
  /** In the order in which they are to begin. */
  readonly places: ReadonlyMap<string, ForecastPlace>;
  /** From then on it is to be made anew: something should have happened by then. Epoch milliseconds. */
  readonly validUntil: number;
}

export interface ForecastOptions {
  readonly now: number;
  /** When each running task began. */
  readonly startedAt: ReadonlyMap<string, number>;
  /** How long a task is expected to run, in seconds. */
  readonly secondsOf: (task: ScheduledTask) => number;
}

/** A task that runs longer than expected is taken to need a tenth more of what it ran already, and at least a second. */
const OVERDUE_SHARE = 0.1;
const LEAST_LEFT_MS = 1000;

/** Plays what is going to happen on a copy of the floor, by the very rules that will decide it. */
export function forecastOf(floor: TaskFloor, options: ForecastOptions): Forecast {
  const { now, secondsOf } = options;
  const stage = floor.copy();
  const places = new Map<string, ForecastPlace>();
  const ends = [...stage.running.values()].map((task) => ({ task, at: endOf(task, options) })).sort((a, b) => a.at - b.at);
  const validUntil = ends[0]?.at ?? now + LEAST_LEFT_MS;
  let at = now;
  for (;;) {
    for (let task = stage.begin(); task !== null; task = stage.begin()) {
      const endsAt = at + secondsOf(task) * 1000;
      places.set(task.id, { position: places.size + 1, startsAt: at, endsAt });
      insert(ends, { task, at: endsAt });
    }
    const ended = ends.shift();
    if (ended === undefined || stage.queue.size === 0) return { places, validUntil };
    at = Math.max(at, ended.at);
    stage.end(ended.task.id, true);
  }
}

interface End {
  readonly task: GrantedTask;
  readonly at: number;
}

/** Few run at once, so a sorted list will do. */
function insert(ends: End[], end: End): void {
  let index = ends.length;
  while (index > 0 && (ends[index - 1]?.at ?? 0) > end.at) index -= 1;
  ends.splice(index, 0, end);
}

function endOf(task: GrantedTask, { now, startedAt, secondsOf }: ForecastOptions): number {
  const ran = now - (startedAt.get(task.id) ?? now);
  const left = secondsOf(task) * 1000 - ran;
  return now + (left > 0 ? left : Math.max(LEAST_LEFT_MS, ran * OVERDUE_SHARE));
}
