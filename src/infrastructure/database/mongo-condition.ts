import type { TopologyDescription } from 'mongodb';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { mongoReason, serverErrors } from './mongo-failure.ts';

/** Whether the database can be used now, and why not. Each change is one line of the log. */
export interface MongoCondition {
  report(reason: string | null): void;
  /** Calls run out of time and nothing else is answered either: the next ones need not wait as long. */
  silent(): void;
  reason(): string | null;
  /** Away for longer than an election takes: calls need not wait for it. */
  overdue(): boolean;
}

const patienceMs = 5000;
const writableTypes: ReadonlySet<string> = new Set(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalanced']);

export function createMongoCondition(clock: Clock, logger: Logger): MongoCondition {
  let reason: string | null = 'MongoDB: connecting';
  let downSince: number | null = null;

  return {
    report(next) {
      if (next === reason) return;
      if (next === null) logger.info({}, 'MongoDB: ready');
      else logger.warn({}, next);
      reason = next;
      downSince = next === null ? null : (downSince ?? clock.now());
    },
    silent() {
      this.report(reason ?? 'MongoDB: the database does not answer');
      downSince = clock.now() - patienceMs - 1;
    },
    reason: () => reason,
    overdue: () => downSince !== null && clock.now() - downSince > patienceMs,
  };
}

/** Why no server of the cluster accepts writes, null when one does. */
export function outageReason(topology: TopologyDescription): string | null {
  if ([...topology.servers.values()].some((server) => writableTypes.has(server.type))) return null;
  const error = serverErrors(topology).find((candidate) => candidate !== null);
  return error === undefined ? 'MongoDB: there is no server that accepts writes now' : mongoReason(error);
}
