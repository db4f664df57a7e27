import type { Server } from 'node:http';
import type { OpenRequests } from '../gateway/http/open-requests.ts';
import type { SocketConnection } from '../gateway/ws/socket-connection.ts';
import type { WsGateway } from '../gateway/ws/ws-gateway.ts';
import type { InferenceClient } from '../infrastructure/inference/inference-client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Housekeeping } from '../services/housekeeping.ts';
import type { Chat } from './wire-chat.ts';
import type { WiredJobs } from './wire-jobs.ts';
import type { WiredModels } from './wire-models.ts';
import type { People } from './wire-people.ts';
import type { Storage } from './wire-storage.ts';

export interface EndingParts {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly models: WiredModels;
  readonly people: People;
  readonly inference: InferenceClient;
  readonly weights: { close(): Promise<void> };
  readonly chat: Chat;
  readonly jobs: Pick<WiredJobs, 'jobs'>;
  readonly plugins: { stop(): void };
  readonly surface: { stop(): Promise<void> };
  readonly housekeeping: Housekeeping;
  readonly operations: { close(): Promise<void> };
  readonly state: { draining: boolean };
}

export interface EndingEdge {
  readonly server: Server;
  readonly gateway: WsGateway;
  readonly requests: OpenRequests;
  readonly platform: { stop(): void };
}

/** The port stays open this long at least, so that who comes in this moment is told DRAINING and not cut off. */
const LINGER_MS = 250;
/** How often sockets are looked at whose answers may have ended. */
const LOOK_MS = 250;
/** PROMISES J11: a running job gets 15 s at most, and 8 s before the end of the grace (drain: 5 s before) it is put back. */
const JOB_DRAIN_MS = 15_000;
const JOB_LEFT_MS = 3000;
/** Requests that were accepted before get this long beyond the drain to be answered. */
const ANSWER_MS = 2000;

/** The order of PROMISES section 8 item 4; the store is the last to go. */
export async function endApp(parts: EndingParts, edge: EndingEdge, drainMs: number): Promise<void> {
  const { chat, jobs, state, clock, housekeeping, models, inference, weights, people, storage, operations } = parts;
  const { server, gateway, requests } = edge;
  state.draining = true;
  edge.platform.stop();
  chat.generations.beginDrain();
  const drained = jobs.jobs.drain(Math.min(JOB_DRAIN_MS, Math.max(0, drainMs - JOB_LEFT_MS)));
  drained.catch(() => {});
  await drain(parts, edge, drainMs);
  await chat.generations.endAll('drain');
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await within(requests.idle(), Math.min(ANSWER_MS, drainMs), clock);
  await gateway.close();
  server.closeAllConnections();
  await closed;
  housekeeping.stop();
  await parts.surface.stop();
  parts.plugins.stop();
  chat.recovery.stop();
  // A job that could not be put back ends its lease by itself.
  await drained.catch(() => {});
  chat.attachment.close();
  await Promise.allSettled([models.messaging.shutdown(), inference.close(), weights.close(), people.hasher.close(), operations.close()]);
  await storage.database.close();
}

/** Until nothing runs any more or the time is up; each socket goes when its own answers are done. */
async function drain({ chat, clock }: EndingParts, { gateway, requests }: EndingEdge, drainMs: number): Promise<void> {
  const isBusy = ({ session }: SocketConnection) => session !== null && chat.live.runningFor(session.user.id).length > 0;
  gateway.drain(isBusy);
  const stopLooking = clock.every(LOOK_MS, () => gateway.closeIdle(isBusy));
  const linger = new Promise<void>((resolve) => clock.after(Math.min(LINGER_MS, drainMs), resolve));
  const work = Promise.all([chat.generations.idle(), requests.idle(), linger]);
  try {
    await within(work, drainMs, clock);
  } finally {
    stopLooking();
  }
}

/** Resolves when the work is done or the time is up. */
function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    work.then(() => resolve(), reject).finally(cancel);
  });
}
