import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { JsonValue } from '../../lib/document-store.ts';
import { forgetPeak, peakBytes } from '../process-memory.ts';
import type { HostEvent, PluginSource, Words, WorkRequest, WorkResult } from './host-protocol.ts';
import { decodePicture, encodePreview, writeResult } from './job-pictures.ts';
import type { WrittenFormat } from './picture-codec.ts';
import type { SessionPool } from './session-pool.ts';
import type { RawPicture } from './session-types.ts';
import { createWorkReports } from './work-reports.ts';

/** What a processor is given; fits `ProcessorRun` of the core. */
interface Run {
  readonly signal: AbortSignal;
  readonly threads: number;
  readonly tile: number | undefined;
  progress(percent: number | null, note?: Words): void;
  preview(picture: RawPicture): void;
}

/** What it gives; fits `ProcessorOutput` of the core. */
interface Output {
  readonly pictures: readonly { readonly picture: RawPicture; readonly format?: 'auto' | 'png' | 'jpeg' | 'webp' }[];
  readonly text?: string;
  readonly data?: JsonValue;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

interface Work extends Pick<WorkRequest, 'kind' | 'params' | 'level' | 'granted'> {
  readonly pictures: readonly RawPicture[];
}

export interface RunWorkOptions {
  readonly clock: Clock;
  readonly sessions: SessionPool;
  readonly signal: AbortSignal;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly tell: (event: DistributiveOmit<HostEvent, 'id'>) => void;
  /** The plugin host of the core. */
  readonly host: {
    setUp(source: PluginSource): Promise<void>;
    process(source: PluginSource, work: Work, run: Run): Promise<Output>;
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** One job from files to files: decode, process, write. @throws AppError; the signal's reason when aborted */
export async function runWork(source: PluginSource, work: WorkRequest, options: RunWorkOptions): Promise<WorkResult> {
  const { sessions, signal, memoryLimit, host, tell, clock } = options;
  const { granted, kind, params, level, tile } = work;
  forgetPeak();
  const reports = createWorkReports({
    clock,
    encode: encodePreview,
    onProgress: (percent, note) => tell({ event: 'progress', percent, ...(note === undefined ? {} : { note }) }),
    onPreview: (data) => tell({ event: 'preview', data }),
  });
  sessions.begin({ threads: granted.cpuThreads, signal, memoryLimit });
  try {
    await host.setUp(source);
    const inputs = [];
    for (const [index, path] of work.inputs.entries()) inputs.push(await decodePicture(path, pixelsOf(work.pictures[index])));
    signal.throwIfAborted();
    tell({ event: 'start' });
    const run = { signal, threads: granted.cpuThreads, tile, progress: reports.progress, preview: reports.preview };
    const given = { kind, params, level, granted, pictures: inputs.map(({ picture }) => picture) };
    const output = await host.process(source, given, run);
    tell({ event: 'alive' });
    const pictures = await writeAll(output, work, { like: inputs[0]?.format ?? 'png', signal, tell });
    const { text, data, facts = {} } = output;
    return {
      pictures,
      facts: { ...facts },
      ...(text === undefined ? {} : { text }),
      ...(data === undefined ? {} : { data }),
      ...(sessions.used === undefined ? {} : { provider: sessions.used }),
      peakBytes: peakBytes(),
    };
  } finally {
    reports.close();
    sessions.end();
  }
}

/** Inputs were judged when they were uploaded: a file that has grown since is damaged, and must not fill the memory. */
function pixelsOf(judged: WorkRequest['pictures'][number] | undefined): number {
  return judged === undefined ? 0 : judged.width * judged.height;
}

interface Writing extends Pick<RunWorkOptions, 'signal' | 'tell'> {
  readonly like: WrittenFormat;
}

async function writeAll({ pictures }: Output, work: WorkRequest, { like, signal, tell }: Writing) {
  const { targetDirectory: directory, maxPixels } = work;
  for (const { picture } of pictures) {
    const { width, height } = picture;
    if (width * height > maxPixels) throw new AppError('TOO_LARGE', { params: { width, height, maxPixels } });
  }
  const written = [];
  for (const [index, { picture, format = 'auto' }] of pictures.entries()) {
    signal.throwIfAborted();
    written.push(await writeResult(picture, { directory, name: `${index}`, format, like }));
    tell({ event: 'alive' });
  }
  return written;
}
