import { type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '../../../src/protocol/rest.ts';
import type { Finding } from '../../../src/protocol/shapes.ts';
import { type RequestError, toRequestError } from './request-error.ts';
import type { Rest } from './rest.ts';

export interface CheckUpView {
  readonly running: boolean;
  /** When the findings were made, in milliseconds since the epoch; null before the first time. */
  readonly at: number | null;
  readonly findings: readonly Finding[];
  /** Why the server's findings are missing. */
  readonly error: RequestError | null;
}

export interface CheckUp {
  readonly view: ReadonlySignal<CheckUpView>;
  run(): Promise<void>;
}

export interface CheckUpDeps {
  readonly rest: Pick<Rest, 'get'>;
  readonly checkBrowser: () => Promise<readonly Finding[]>;
  readonly now: () => number;
}

const order: Record<Finding['state'], number> = { problem: 0, warning: 1, unknown: 2, ok: 3 };

/** Problems first; what is alike stays in the order it came in. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => order[a.state] - order[b.state]);
}

/** Everything that can be found out about the way between this browser and the server, and about the server itself. */
export function createCheckUp(deps: CheckUpDeps): CheckUp {
  const view = signal<CheckUpView>({ running: false, at: null, findings: [], error: null });

  async function askServer(): Promise<{ items: readonly Finding[]; error: RequestError | null }> {
    try {
      const { items } = await deps.rest.get<Page<Finding>>('/api/doctor');
      return { items, error: null };
    } catch (cause) {
      return { items: [], error: toRequestError(cause) };
    }
  }

  return {
    view,
    async run() {
      if (view.peek().running) return;
      view.value = { ...view.peek(), running: true };
      const [browser, server] = await Promise.all([deps.checkBrowser(), askServer()]);
      view.value = { running: false, at: deps.now(), findings: sortFindings([...browser, ...server.items]), error: server.error };
    },
  };
}
