import type { Config } from '../config.ts';
import { createEventLoopLag, declareProcessMetrics, type Metrics, prometheusContentType, prometheusText } from '../core/index.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createMetricsRoutes } from '../gateway/http/metrics-routes.ts';
import { createOverviewRoutes } from '../gateway/http/overview-routes.ts';
import { createTimedDocuments } from '../infrastructure/database/timed-documents.ts';
import { createOtlpExporter } from '../infrastructure/reporting/otlp-exporter.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { allDayId, type UsageRecord, usageCollection } from '../services/costs/usage-record.ts';
import { createOverview, type OverviewDeps } from '../services/operations/overview.ts';
import { createServerMetrics, type ServerMetrics, type ServerReadings } from '../services/operations/server-metrics.ts';
import type { Storage } from './wire-storage.ts';

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
}

/** What is known only when everything is built. */
export interface OperationsSources {
  readonly storage: Storage;
  readonly users: { readonly people: number };
  readonly chat: { readonly live: { readonly size: number } };
  readonly hasher: { waiting(): number };
  readonly gateway: () => { readonly size: number };
  readonly readiness: OverviewDeps['readiness'];
}

export interface Operations {
  /** Where the parts of the server say what happened. */
  readonly observer: ServerMetrics;
  /** The same storage with its calls timed. */
  timed(storage: Storage): Storage;
  /** `/metrics` and the overview. */
  routes(sources: OperationsSources): RouteGroup[];
  start(): void;
  /** Sends the last numbers; waits a short time at most. */
  close(): Promise<void>;
}

const SAMPLE_MS = 10_000;
const nothingYet: ServerReadings = {
  sockets: () => 0,
  people: () => 0,
  generationsRunning: () => 0,
  storeWaiting: () => 0,
  passwordsWaiting: () => 0,
};

/** The numbers of the server and the ways in which they leave it. */
export function wireOperations(config: Config, { metrics, clock, logger, version }: OperationsOptions): Operations {
  let readings = nothingYet;
  let storeWaiting = () => 0;
  const now = () => performance.now();
  const lag = createEventLoopLag();
  declareProcessMetrics(metrics, { version, lag });
  const observer = createServerMetrics(
    metrics,
    {
      sockets: () => readings.sockets(),
      people: () => readings.people(),
      generationsRunning: () => readings.generationsRunning(),
      passwordsWaiting: () => readings.passwordsWaiting(),
      storeWaiting: () => readings.storeWaiting(),
    },
    () => clock.now(),
  );
  const collect = () => metrics.collect();
  const { otlpEndpoint, otlpHeaders } = config.metrics;
  const base = { collect, clock, logger, version, startedAt: metrics.startedAt };
  const exporter = otlpEndpoint === undefined ? null : createOtlpExporter({ ...base, endpoint: otlpEndpoint, headers: otlpHeaders });
  let stopSampling = () => {};
  let sample = () => {};

  return {
    observer,
    timed(storage) {
      const timed = createTimedDocuments({ documents: storage.database.documents, observe: observer.store, now });
      storeWaiting = timed.waiting;
      return { ...storage, database: { ...storage.database, documents: timed.documents } };
    },
    routes(sources) {
      const { users, chat, hasher, gateway, readiness } = sources;
      readings = {
        sockets: () => gateway().size,
        people: () => users.people,
        generationsRunning: () => chat.live.size,
        storeWaiting,
        passwordsWaiting: hasher.waiting,
      };
      const { database } = sources.storage;
      const today = () => database.documents.get<UsageRecord>(usageCollection.name, allDayId(clock.now()));
      const costToday = async () => (await today())?.costMicroUsd ?? 0;
      const overview = createOverview({ ...base, store: () => database.state(), costToday, readiness });
      sample = overview.sample;
      const read = () => prometheusText(metrics.collect());
      const behindProxy = config.clientIp.kind !== 'direct';
      return [
        () => createMetricsRoutes({ token: config.metrics.token, behindProxy, contentType: prometheusContentType, read }),
        (identities) => createOverviewRoutes({ identities, read: overview.read }),
      ];
    },
    start() {
      lag.start();
      stopSampling = clock.every(SAMPLE_MS, () => {
        lag.sample();
        sample();
      });
      exporter?.start();
    },
    async close() {
      stopSampling();
      await exporter?.close();
      lag.stop();
    },
  };
}
