import { AsyncQueue } from '../../lib/async-queue.ts';
import { chatWindow } from './host-protocol.ts';

export interface EventFlowOptions<Event> {
  /** Asks the host; what it tells goes to `take`. */
  readonly begin: (
    signal: AbortSignal,
    take: (value: unknown) => void,
  ) => { readonly done: Promise<unknown>; readonly more: (count: number) => void };
  /** Judges what the host told. @throws for what is no event */
  readonly read: (value: unknown) => Event;
  /** How much of the window it takes. */
  readonly cost: (event: Event) => number;
  /** What the reader is told of an error. */
  readonly failure: (error: unknown) => unknown;
  readonly signal: AbortSignal;
  /** Called when the reader begins to wait for an event; `late` ends the flow with that error. @returns what stops it */
  readonly watch?: (late: (error: Error) => void) => () => void;
}

/** Half of the window, so that the host never waits for a reader who keeps up. */
const CREDIT = chatWindow / 2;

/** Events of a host, one after the other; the plugin waits while nobody takes them. Ends without a further event when aborted. */
export async function* eventFlow<Event>(options: EventFlowOptions<Event>): AsyncGenerator<Event, void, void> {
  const { cost, signal, watch = () => () => {} } = options;
  const gone = new AbortController();
  const nobodyReads = new Error('nobody reads');
  const leave = () => gone.abort(nobodyReads);
  const queue = new AsyncQueue<unknown>({ highWaterMark: chatWindow, onCancel: leave });
  const { done, more } = options.begin(AbortSignal.any([signal, gone.signal]), (value) => void queue.push(value));
  done.then(
    () => queue.end(),
    // A reader who left is no failure of the plugin.
    (error: unknown) => queue.fail(error === nobodyReads ? error : options.failure(error)),
  );
  let taken = 0;
  try {
    for (;;) {
      const stop = watch((error) => gone.abort(error));
      const next = await queue.next().finally(stop);
      if (next.done === true) return;
      const event = judged(next.value, options);
      taken += cost(event);
      if (taken >= CREDIT) {
        more(taken);
        taken = 0;
      }
      yield event;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    leave();
    await done.catch(() => {});
  }
}

function judged<Event>(value: unknown, { read, failure }: EventFlowOptions<Event>): Event {
  try {
    return read(value);
  } catch (error) {
    throw failure(error);
  }
}
