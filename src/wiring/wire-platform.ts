import type { Config } from '../config.ts';
import { ResourceMonitor } from '../core/index.ts';
import { type AddressSelfTest, createAddressSelfTest } from '../gateway/http/address-self-test.ts';
import { type ClientAddress, createClientAddress } from '../gateway/http/client-address.ts';
import { createDebugRoutes } from '../gateway/http/debug-routes.ts';
import { createHostGuard, type HostGuard } from '../gateway/http/host-guard.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createRawHeaders } from '../gateway/http/security-headers.ts';
import type { UploadRoutesUploads } from '../gateway/http/upload-routes.ts';
import { heapExceeds, heapLimitMb, memoryBudget } from '../infrastructure/process-memory.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { type LoopWatch, watchLoopLag } from '../lib/loop-lag.ts';
import type { Uploads } from '../services/uploads/uploads.ts';

export interface PlatformOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Bytes in use, child processes included. */
  readonly measureMemory: () => Promise<number>;
  /** Closes the slowest sockets. */
  readonly shed: () => void;
  /** Ends the process in order. */
  readonly exhausted: () => void;
}

/** What the place where the server runs asks of it: memory, names, addresses, disk. */
export interface PlatformParts {
  readonly monitor: ResourceMonitor;
  readonly address: ClientAddress;
  readonly selfTest: AddressSelfTest;
  readonly hosts: HostGuard;
  readonly rawHeaders: ReturnType<typeof createRawHeaders>;
  readonly lag: LoopWatch;
  readonly routes: RouteGroup;
  /** What is wrong now, for administrators. */
  reasons(): string[];
  start(): void;
  stop(): void;
}

export function wirePlatform(config: Config, options: PlatformOptions): PlatformParts {
  const { logger, clock } = options;
  const { publicUrl } = config;
  const address = createClientAddress({ source: config.clientIp, publicUrl, production: config.production });
  const selfTest = createAddressSelfTest({ publicUrl, address, clock, logger });
  const budgetBytes = memoryBudget(config.limits.memoryMb);
  const monitor = new ResourceMonitor({
    budgetBytes,
    measure: options.measureMemory,
    onScarce: options.shed,
    onExhausted: options.exhausted,
    clock,
    logger,
  });
  const lag = watchLoopLag(clock);
  return {
    monitor,
    address,
    selfTest,
    hosts: createHostGuard({ ...config, platformUrl: config.platform.publicUrl }),
    rawHeaders: createRawHeaders(address, publicUrl),
    lag,
    routes: (identities) => createDebugRoutes({ identities, address, source: config.clientIp, selfTest: selfTest.result }),
    reasons: () => [monitor.reason, selfTest.reason].filter((reason) => reason !== undefined),
    start() {
      monitor.start();
      selfTest.start();
      for (const line of heapWarning(budgetBytes)) logger.warn({ variable: 'NODE_OPTIONS' }, line);
    },
    stop() {
      monitor.stop();
      selfTest.stop();
      lag.stop();
    },
  };
}

/** Says so on each new file where the disk is emptied with the next start: whoever sent it should keep their own copy. */
export function markTemporary(uploads: Uploads, { platform, mongoUri }: Config): UploadRoutesUploads {
  if (!platform.ephemeralDisk || mongoUri !== undefined) return uploads;
  return {
    accept: async (upload, signal) => ({ ...(await uploads.accept(upload, signal)), temporary: true }),
    describe: (ownerId, fileId, variant) => uploads.describe(ownerId, fileId, variant),
    open: (ownerId, fileId, variant, range) => uploads.open(ownerId, fileId, variant, range),
  };
}

function heapWarning(budgetBytes: number | null): string[] {
  if (budgetBytes === null || !heapExceeds(budgetBytes)) return [];
  const flag = `NODE_OPTIONS=--max-old-space-size=${heapLimitMb(budgetBytes)}`;
  return [`The heap may grow beyond half of the memory that the server may use (LIMIT_MEMORY_MB): start it with ${flag}.`];
}
