import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { Metrics, ModelRegistry } from '../../src/core/index.ts';
import { createLocalBlobs } from '../../src/infrastructure/blobs/local-blobs.ts';
import type { DocumentStore } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Job, Message } from '../../src/protocol/index.ts';
import { type ConversationRecord, conversationsCollection } from '../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../src/services/conversations/message-record.ts';
import type { JobRequest } from '../../src/services/jobs/job-admission.ts';
import { type JobRecord, jobCollections, jobsCollection } from '../../src/services/jobs/job-record.ts';
import type { JobTimings } from '../../src/services/jobs/job-timings.ts';
import { MessagingService } from '../../src/services/messaging/messaging-service.ts';
import { UserService } from '../../src/services/messaging/user-service.ts';
import { uploadCollections } from '../../src/services/uploads/upload-rows.ts';
import { createUploads, defaultUploadLimits } from '../../src/services/uploads/uploads.ts';
import { wireJobs } from '../../src/wiring/wire-jobs.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeExecutor, createFakeKinds, preparedPicture } from './job-fakes.ts';
import { createMemoryDocuments } from './memory-documents.ts';

export const jobWorldCollections = [...jobCollections, ...uploadCollections, conversationsCollection, messagesCollection];

export interface JobWorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timings?: Partial<JobTimings>;
  /** The same store as another world: another process. */
  readonly documents?: DocumentStore;
  readonly clock?: ReturnType<typeof createFakeClock>;
  readonly directory?: string;
  readonly deaf?: boolean;
  /** Where results are remembered. */
  readonly cache?: Map<string, Uint8Array>;
  /** 0 to 1, in place of chance. */
  readonly random?: () => number;
}

let worlds = 0;

/** The service of jobs with a clock that the test moves, kinds and an executor that do what it says, and Ada who listens. */
export async function createJobWorld(options: JobWorldOptions = {}) {
  const clock = options.clock ?? createFakeClock();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'jarvis-jobs-')));
  const documents = options.documents ?? createMemoryDocuments(jobWorldCollections, () => clock.now());
  const kinds = createFakeKinds();
  const executor = createFakeExecutor({ deaf: options.deaf ?? false });
  const users = new UserService({ maxSessionsPerUser: 0 });
  const metrics = new Metrics(clock.now());
  const messaging = new MessagingService({ users, models: new ModelRegistry(), metrics, logger: silentLogger });
  messaging.run();
  const told: Job[] = [];
  const messages: Message[] = [];
  const waiting = new Set<(job: Job) => void>();
  const tell = (job: Job) => {
    told.push(job);
    for (const look of waiting) look(job);
  };
  const session = {
    id: `s${(worlds += 1)}`,
    sid: 'sid',
    user: { id: 'ada', name: 'Ada', email: 'ada@example.org', role: 'user' as const },
    send(frame: Parameters<UserService['sendToUser']>[1]) {
      if (frame.type === 'job.updated') tell(frame.job);
      if (frame.type === 'message.created' || frame.type === 'message.updated') messages.push(frame.message);
    },
    follow() {},
    close() {},
  };
  users.registerUserSession(session);
  const images = { prepareImage: () => Promise.reject(new Error('nothing is uploaded here')) };
  const blobs = createLocalBlobs({ directory: join(directory, 'blobs') });
  const uploadOptions = { documents, blobs, images, clock, logger: silentLogger, temporaryDirectory: directory };
  const uploads = createUploads({ ...uploadOptions, limits: { ...defaultUploadLimits, quotaBytes: 1_000_000 } });
  const config = readConfig({ DATA_DIR: directory, JOB_CONCURRENCY: '1', LIMIT_MEMORY_MB: '512', ...options.env });
  const wired = wireJobs(config, {
    documents,
    uploads,
    messaging,
    plugins: { registry: kinds },
    inference: { state: () => ({ pid: null }) } as never,
    metrics,
    clock,
    logger: silentLogger,
    temporaryDirectory: directory,
    options: {
      jobExecutor: executor,
      jobTimings: options.timings ?? {},
      jobRandom: options.random ?? (() => 1),
      ...cacheOf(options.cache),
    },
  });
  const { jobs } = wired;
  let asked = 0;

  return {
    jobs,
    wired,
    clock,
    documents,
    directory,
    kinds,
    executor,
    uploads,
    users,
    session,
    told,
    messages,
    metrics,
    /** @returns the id of a stored picture */
    async picture(ownerId = 'ada', size?: { width: number; height: number }): Promise<string> {
      asked += 1;
      return (await uploads.storePrepared(ownerId, await preparedPicture(directory, `upload-${asked}-${worlds}`, size), 'cat.png')).id;
    },
    async conversation(id = 'c1', ownerId = 'ada'): Promise<ConversationRecord> {
      const times = { createdAt: clock.now(), updatedAt: clock.now() };
      const rest = {
        title: 'Cats',
        titledBy: 'person',
        headId: null,
        settings: {},
        state: 'live',
        deletedAt: null,
        runningId: null,
        words: [],
      } as const;
      const record: ConversationRecord = { id, ownerId, ...rest, ...times };
      await documents.insert(conversationsCollection.name, record);
      users.openConversation(session, id);
      return record;
    },
    submit(request: Partial<JobRequest> = {}, userId = 'ada'): Promise<Job> {
      asked += 1;
      const body = { clientJobId: `j${asked}`, kind: 'test.copy', input: [], params: {}, level: 'auto' as const, ...request };
      return jobs.submit({ id: userId }, body);
    },
    row: async (id: string): Promise<JobRecord> => {
      const row = await documents.get<JobRecord>(jobsCollection.name, id);
      if (row === null) throw new Error(`no job ${id}`);
      return row;
    },
    /** Resolves when the owner is, or was last, told of this state. */
    until: (id: string, matches: (job: Job) => boolean): Promise<Job> =>
      new Promise((resolve) => {
        const look = (job: Job) => {
          if (job.id !== id || !matches(job)) return;
          waiting.delete(look);
          resolve(job);
        };
        waiting.add(look);
        const last = told.findLast((job) => job.id === id);
        if (last !== undefined) look(last);
      }),
    messageOf: (count: number): Promise<Message | undefined> => arrived(messages, count),
    /** Lets time pass, with what waits for the disk in between. */
    async pass(ms: number, step = 1000): Promise<void> {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left));
        for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      }
    },
    async close(): Promise<void> {
      const drained = jobs.drain(0);
      for (let turn = 0; turn < 50; turn += 1) {
        clock.advance(1000);
        await setImmediate();
      }
      await drained;
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

function cacheOf(map: Map<string, Uint8Array> | undefined) {
  if (map === undefined) return {};
  const get = async (key: string) => map.get(key) ?? null;
  const set = async (key: string, value: Uint8Array) => void map.set(key, value);
  return { jobCache: { get, set } };
}

/** The last of so many. */
async function arrived<T>(list: readonly T[], count: number): Promise<T | undefined> {
  while (list.length < count) await setImmediate();
  return list[count - 1];
}

export type JobWorld = Awaited<ReturnType<typeof createJobWorld>>;
