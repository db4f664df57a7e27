import type { ModelEvent } from '../../core/base/model-events.ts';
import { AsyncQueue } from '../../lib/async-queue.ts';
import type { CallWatch } from './call-watch.ts';

/** Events that may wait for the reader of an answer; beyond it the service is made to wait. */
const WAITING = 64;

/** Stands between the bytes of a service and the reader of the answer. While the reader waits, the watch counts the service's silence. */
export class AnswerQueue extends AsyncQueue<ModelEvent> {
  readonly #watch: CallWatch;
  #begun = false;

  /** @param onCancel called once when the reader leaves before the end */
  constructor(watch: CallWatch, onCancel: () => void) {
    super({ highWaterMark: WAITING, onCancel });
    this.#watch = watch;
  }

  get full(): boolean {
    return this.size >= WAITING;
  }

  /**
   * The service sent something of a begun answer: from here on each wait of the reader is a gap. Called when what it sent is in the queue; it may
   * have been nothing for the reader (counts, an empty text), who then still waits.
   */
  heard(): void {
    this.#begun = true;
    // The reader's own time does not count as the model's silence.
    if (this.waiting) this.#watch.expect('next');
    else this.#watch.rest();
  }

  /** The request is over: what follows is no gap of it. */
  pause(): void {
    this.#begun = false;
  }

  override next(): Promise<IteratorResult<ModelEvent, undefined>> {
    if (this.#begun && this.size === 0 && !this.closed) this.#watch.expect('next');
    return super.next();
  }
}
