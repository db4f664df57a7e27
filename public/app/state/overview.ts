import { type ReadonlySignal, signal } from '@preact/signals';
import type { Overview } from '../../../src/protocol/shapes.ts';
import type { Clock } from './ports.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

/** `overview` stays shown when a later request fails: `error` then says that it is old. */
export interface OverviewView {
  readonly overview: Overview | null;
  readonly error: RequestError | null;
}

export interface OverviewStore {
  readonly view: ReadonlySignal<OverviewView>;
  /** A hidden page asks nothing; one that is shown again asks at once. */
  setVisible(visible: boolean): void;
  refresh(): Promise<void>;
  stop(): void;
}

/** As often as the server adds a point. */
const pollMs = 10_000;

/** The numbers of the server, asked for again and again while somebody looks. */
export function createOverview(deps: { rest: Pick<Rest, 'get'>; clock: Clock }): OverviewStore {
  const view = signal<OverviewView>({ overview: null, error: null });
  let visible = false;
  let turn = 0;
  let cancel = () => {};

  async function refresh(): Promise<void> {
    cancel();
    const own = ++turn;
    try {
      const { overview } = await deps.rest.get<{ overview: Overview }>('/api/admin/overview');
      if (own === turn) view.value = { overview, error: null };
    } catch (cause) {
      if (own === turn) view.value = { ...view.peek(), error: toRequestError(cause) };
    }
    if (own === turn && visible) cancel = deps.clock.after(pollMs, () => void refresh());
  }

  return {
    view,
    refresh,
    setVisible(next) {
      if (visible === next) return;
      visible = next;
      if (next) void refresh();
      else cancel();
    },
    stop() {
      visible = false;
      turn += 1;
      cancel();
    },
  };
}
