import { LruMap } from '../../lib/lru-map.ts';
import type { ScheduledTask } from './scheduled-task.ts';

/** So many sorts of tasks are remembered. */
const SORTS = 200;
/** What one task says is believed within these bounds: a picture that was in a cache teaches nothing about the next one. */
const LEAST = 0.1;
const MOST = 10;

interface Lesson {
  /** Real seconds for each expected one, geometric mean of the last few. */
  readonly factor: number;
  readonly at: number;
}

/**
 * How much longer or shorter tasks really take than was expected when they were put into the queue. It corrects only those that
 * were there already: newer ones bring an expectation that knows better.
 */
export class TaskPace {
  readonly #lessons = new LruMap<string, Lesson>(SORTS);

  /** @param seconds that the task really ran */
  learn(task: ScheduledTask, seconds: number, now: number): void {
    if (!(seconds > 0 && task.seconds > 0)) return;
    const ratio = Math.min(MOST, Math.max(LEAST, seconds / task.seconds));
    const known = this.#lessons.get(sortOf(task));
    const stillHolds = known !== undefined && task.enqueuedAt <= known.at;
    this.#lessons.set(sortOf(task), { factor: stillHolds ? Math.sqrt(known.factor * ratio) : ratio, at: now });
  }

  /** In seconds. */
  secondsOf(task: ScheduledTask): number {
    const lesson = this.#lessons.get(sortOf(task));
    return lesson === undefined || task.enqueuedAt > lesson.at ? task.seconds : task.seconds * lesson.factor;
  }
}

function sortOf({ plugin, level, modelKey }: ScheduledTask): string {
  return `${plugin} ${level} ${modelKey}`;
}
