import type { Labels, Metrics } from '../../core/index.ts';
import type { GenerationObserver } from '../generations/generation-observer.ts';
import { createGenerationMetrics } from './generation-metrics.ts';

/** Numbers that somebody holds anyway: read when they are asked for. */
export interface ServerReadings {
  /** Open sockets, signed in or not. */
  sockets(): number;
  /** People with at least one socket. */
  people(): number;
  generationsRunning(): number;
  /** Calls of the store that have no answer yet. */
  storeWaiting(): number;
  /** Password hashes that wait for a thread or are being made. */
  passwordsWaiting(): number;
}

export interface ServedRequest {
  /** The pattern, such as `/api/files/:id`; never the address itself. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly ms: number;
}

/** `ok` did what was asked, `refused` said no (a conflict, a wrong cursor), `unavailable` did not answer or is away. */
export type StoreOutcome = 'ok' | 'unavailable' | 'refused';

/** Where the parts of the server say what happened. */
export interface ServerMetrics {
  readonly generations: GenerationObserver;
  request(served: ServedRequest): void;
  /** @param type of a known frame, or `invalid` */
  frameIn(type: string): void;
  socketClosed(code: number): void;
  /** @param operation a method of the document store */
  store(operation: string, outcome: StoreOutcome, ms: number): void;
}

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const storeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** One for each route, method and status that occurs: more than other names have. */
const MAX_REQUEST_SERIES = 1000;
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Declares the numbers of the server. Labels are words of this program (or ids of models), never what a person typed. */
export function createServerMetrics(metrics: Metrics, readings: ServerReadings, now: () => number): ServerMetrics {
  declareReadings(metrics, readings);
  const requests = metrics.counter({
    name: 'jarvis_http_requests_total',
    help: 'Answered HTTP requests, by the pattern of their route.',
    maxSeries: MAX_REQUEST_SERIES,
  });
  const requestSeconds = metrics.histogram({
    name: 'jarvis_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    buckets: requestBuckets,
  });
  const frames = metrics.counter({ name: 'jarvis_frames_total', help: 'Frames from clients, by type.' });
  const closed = metrics.counter({ name: 'jarvis_sockets_closed_total', help: 'Closed sockets, by close code.' });
  const storeSeconds = metrics.histogram({
    name: 'jarvis_store_seconds',
    help: 'Time that a call of the store took.',
    buckets: storeBuckets,
  });
  const frameLabels = labelsFor((type: string) => ({ type, direction: 'in' }));
  const closeLabels = labelsFor((code: string) => ({ code }));
  const routeLabels = labelsFor((route: string) => ({ route }));
  const servedLabels = labelsFor((route: string, method: string, status: string) => ({ route, method, status }));
  const storeLabels = labelsFor((operation: string, outcome: string) => ({ operation, outcome }));
  return {
    generations: createGenerationMetrics(metrics, now),
    request({ route, method, status, ms }) {
      requests.add(1, servedLabels(route, methods.has(method) ? method : 'other', String(status)));
      requestSeconds.observe(ms / 1000, routeLabels(route));
    },
    frameIn: (type) => frames.add(1, frameLabels(type)),
    socketClosed: (code) => closed.add(1, closeLabels(closeName(code))),
    store: (operation, outcome, ms) => storeSeconds.observe(ms / 1000, storeLabels(operation, outcome)),
  };
}

function declareReadings(metrics: Metrics, readings: ServerReadings): void {
  metrics.gauge({ name: 'jarvis_sockets', help: 'Open sockets.' }, () => readings.sockets());
  metrics.gauge({ name: 'jarvis_people', help: 'Signed-in people with at least one socket.' }, () => readings.people());
  metrics.gauge({ name: 'jarvis_generations_running', help: 'Answers that are being written.' }, () => readings.generationsRunning());
  metrics.gauge({ name: 'jarvis_store_waiting', help: 'Calls of the store without an answer yet.' }, () => readings.storeWaiting());
  metrics.gauge({ name: 'jarvis_password_waiting', help: 'Password hashes that wait or are being made.' }, () =>
    readings.passwordsWaiting(),
  );
}

/** The peer chooses the code of its close frame: only those that mean something here get a series of their own. */
function closeName(code: number): string {
  const known = (code >= 1000 && code <= 1015) || (code >= 4000 && code <= 4009) || (code >= 4100 && code <= 4109);
  return known || code === 4401 || code === 4403 || code === 4429 ? String(code) : 'other';
}

/** The same object for the same words, so that a frequent event makes nothing new. Words are few: see above. */
function labelsFor<W extends string[]>(make: (...words: W) => Labels): (...words: W) => Labels {
  const known = new Map<string, Labels>();
  return (...words) => {
    const key = words.join(' ');
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(...words);
    known.set(key, made);
    return made;
  };
}
