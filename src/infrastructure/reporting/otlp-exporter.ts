import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { fetchFailure } from './fetch-failure.ts';
import { type CollectedMetric, otlpRequest } from './otlp-request.ts';

export interface OtlpExporterDeps {
  /** Everything of this moment. */
  readonly collect: () => readonly CollectedMetric[];
  /** Base address of the collector; `/v1/metrics` is added. */
  readonly endpoint: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly version: string;
  /** When counting began, epoch milliseconds. */
  readonly startedAt: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OtlpExporter {
  start(): void;
  /** Sends once more, for 2 s at most; never rejects. */
  close(): Promise<void>;
}

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;
/** A process that ends has no time for a collector that is away. */
const LAST_TIMEOUT_MS = 2000;

/**
 * Sends the numbers to an OpenTelemetry collector every minute (OTLP/HTTP in JSON). What is lost is not sent again: sums are
 * cumulative, so the next one makes up for it.
 */
export function createOtlpExporter(deps: OtlpExporterDeps): OtlpExporter {
  const { clock, logger, endpoint } = deps;
  const url = `${endpoint}/v1/metrics`;
  let failing = false;
  let sending: Promise<void> | null = null;
  let cancel = () => {};
  let closing: Promise<void> | null = null;
  /** Ends the request under way: it may be one that the collector lets wait. */
  const ending = new AbortController();

  /** @throws when the collector did not take it */
  async function post(signal: AbortSignal): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: [['content-type', 'application/json'], ...deps.headers.map(([name, value]): [string, string] => [name, value])],
      body: JSON.stringify(otlpRequest(deps.collect(), { ...deps, now: clock.now() })),
      // The headers hold a key: it goes to no other address.
      redirect: 'error',
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  }

  /** One line when it begins to fail and one when it works again. */
  async function send(signal: AbortSignal): Promise<void> {
    try {
      await post(signal);
      if (failing) logger.info({}, 'the OpenTelemetry collector takes the metrics again');
      failing = false;
    } catch (error) {
      // What was cut for the last one says nothing of the collector.
      if (ending.signal.aborted && signal.reason === ending.signal.reason) return;
      if (!failing) logger.warn({ reason: fetchFailure(error) }, 'the OpenTelemetry collector does not take the metrics; it is tried on');
      failing = true;
    }
  }

  async function end(): Promise<void> {
    cancel();
    ending.abort();
    await sending;
    await send(AbortSignal.timeout(LAST_TIMEOUT_MS));
  }

  return {
    start() {
      cancel = clock.every(INTERVAL_MS, () => {
        sending ??= send(AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ending.signal])).finally(() => {
          sending = null;
        });
      });
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}
