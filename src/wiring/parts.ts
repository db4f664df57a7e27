import type { Config } from '../config.ts';
import type { ModelInterface } from '../core/index.ts';
import type { StartSqliteWorker } from '../infrastructure/database/sqlite-thread.ts';
import type { InferenceClient } from '../infrastructure/inference/inference-client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatTimings } from '../services/generations/chat-timings.ts';
import type { Housekeeping } from '../services/housekeeping.ts';
import type { JobTimings } from '../services/jobs/job-timings.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import type { JobExecutor } from '../services/ports/job-executor.ts';
import type { Shares } from '../services/shares/shares.ts';
import type { Uploads } from '../services/uploads/uploads.ts';
import type { Chat } from './wire-chat.ts';
import type { JobsWiring, WiredJobs } from './wire-jobs.ts';
import type { WiredModels } from './wire-models.ts';
import type { Operations } from './wire-operations.ts';
import type { People } from './wire-people.ts';
import type { PluginFolders, Plugins } from './wire-plugins.ts';
import type { Processing } from './wire-processing.ts';
import type { Storage } from './wire-storage.ts';
import type { Surface } from './wire-surface.ts';
import type { WiredWeights } from './wire-weights.ts';

export interface AppOptions {
  readonly logger: Logger;
  /** Where the built client lies. */
  readonly publicDirectory: string;
  readonly version: string;
  /** A thread for the embedded store that was started ahead: the store opens while the rest is built. */
  readonly startSqliteWorker?: StartSqliteWorker | undefined;
  /** Called once when the memory is used up: only a new process helps. */
  readonly onExhausted?: () => void;
  /** What a test puts in place of the real thing. */
  readonly clock?: Clock;
  readonly models?: readonly ModelInterface[];
  readonly timings?: Partial<ChatTimings>;
  readonly jobTimings?: Partial<JobTimings>;
  readonly jobExecutor?: JobExecutor;
  readonly jobKinds?: JobsWiring['plugins']['registry'];
  /** Where plugins lie; absent: there are none but those in PLUGINS. */
  readonly plugins?: PluginFolders | undefined;
  /** Bytes in use. */
  readonly measureMemory?: (() => Promise<number>) | undefined;
}

/** Everything that was built, for the two that use it all: the edge and the end. */
export interface Parts {
  readonly config: Config;
  readonly options: AppOptions;
  readonly clock: Clock;
  readonly operations: Operations;
  readonly temporaryDirectory: string;
  readonly storage: Storage;
  readonly users: UserService;
  readonly models: WiredModels;
  readonly people: People;
  readonly inference: InferenceClient;
  readonly uploads: Uploads;
  readonly plugins: Plugins;
  readonly weights: WiredWeights;
  readonly processing: Processing;
  readonly jobs: WiredJobs;
  readonly chat: Chat;
  readonly surface: Surface;
  readonly shares: Shares;
  readonly housekeeping: Housekeeping;
  /** Set once: readiness, new requests and sockets look at it. */
  readonly state: { recovered: boolean; draining: boolean };
}
