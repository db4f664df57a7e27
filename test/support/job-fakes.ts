import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/lib/app-error.ts';
import type { JsonValue } from '../../src/lib/document-store.ts';
import type { KindOutcome } from '../../src/services/jobs/job-ports.ts';
import type { PreparedImage, PreparedPicture } from '../../src/services/ports/image-codec.ts';
import type { JobEvents, JobExecutor, JobOrder, JobOutcome } from '../../src/services/ports/job-executor.ts';
import type { JobKind, JobKinds } from '../../src/services/ports/job-kinds.ts';

/** One attempt that the service asked for: the test decides what becomes of it. */
export interface FakeRun {
  readonly order: JobOrder;
  readonly events: JobEvents;
  /** @param pictures how many results; @param outcome what else came of it */
  succeed(pictures?: number, outcome?: Partial<JobOutcome>): Promise<void>;
  fail(error: unknown): void;
}

export interface FakeExecutor extends JobExecutor {
  readonly runs: FakeRun[];
  /** The next attempt that begins, or the oldest that nobody took yet. */
  next(): Promise<FakeRun>;
}

/** Does nothing by itself. An attempt that is aborted ends with the signal's reason, unless the executor is deaf. */
export function createFakeExecutor({ deaf = false } = {}): FakeExecutor {
  const runs: FakeRun[] = [];
  const untaken: FakeRun[] = [];
  const waiting: ((run: FakeRun) => void)[] = [];
  return {
    runs,
    next: () => {
      const first = untaken.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    run: (order, events) =>
      new Promise<JobOutcome>((resolve, reject) => {
        const run: FakeRun = {
          order,
          events,
          async succeed(pictures = 1, outcome = {}) {
            const made = [];
            for (let at = 0; at < pictures; at += 1) made.push(await preparedPicture(order.targetDirectory, `result-${at}`));
            resolve({ pictures: made, facts: {}, seconds: 2, peakMemoryMb: 50, provider: 'cpu', ...outcome });
          },
          fail: reject,
        };
        if (!deaf) events.signal.addEventListener('abort', () => reject(events.signal.reason), { once: true });
        runs.push(run);
        const next = waiting.shift();
        if (next === undefined) untaken.push(run);
        else next(run);
      }),
  };
}

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** The three variants of a picture of one pixel, said to be larger. */
export async function preparedPicture(folder: string, name: string, size = { width: 100, height: 80 }): Promise<PreparedImage> {
  const variant = async (suffix: string): Promise<PreparedPicture> => {
    const path = join(folder, `${name}-${suffix}`);
    await writeFile(path, png);
    return { path, mime: 'image/png', size: png.length, ...size };
  };
  return { original: await variant('original'), model: await variant('model'), thumb: await variant('thumb') };
}

export interface FakeKinds extends JobKinds {
  readonly outcomes: [kind: string, outcome: KindOutcome][];
  noteOutcome(kind: string, outcome: KindOutcome): void;
  /** Changes what the one kind says. */
  change(fields: Partial<JobKind>): void;
}

/** One kind, `test.copy`: a picture in, as many seconds and megabytes as it has megapixels, and at least one. */
export function createFakeKinds(): FakeKinds {
  let kind: JobKind = {
    kind: 'test.copy',
    plugin: 'test',
    pluginVersion: '1.0.0',
    title: { en: 'Copy' },
    input: { minPictures: 0, maxPictures: 2 },
    parseParams(params): Record<string, JsonValue> {
      const factor = params['factor'] ?? 2;
      if (typeof factor !== 'number') throw new AppError('BAD_REQUEST', { params: { field: 'factor' } });
      return { factor };
    },
    levelFor: (asked) => (asked === 'auto' ? 'normal' : asked),
    estimate({ pictures }) {
      const megapixels = pictures.reduce((sum, { width, height }) => sum + (width * height) / 1e6, 0);
      const [first] = pictures;
      return {
        seconds: Math.max(1, megapixels),
        memoryMb: Math.max(1, megapixels),
        gpuMemoryMb: 0,
        cpuThreads: 1,
        models: ['copier'],
        ...(first === undefined ? {} : { output: { width: first.width * 2, height: first.height * 2 } }),
      };
    },
    assertReady: () => {},
  };
  const outcomes: FakeKinds['outcomes'] = [];
  return {
    outcomes,
    find: (name) => (name === kind.kind ? kind : null),
    noteOutcome: (name, outcome) => void outcomes.push([name, outcome]),
    change: (fields) => {
      kind = { ...kind, ...fields };
    },
  };
}
