import type { JsonValue } from '../../lib/document-store.ts';
import type { Level } from '../../protocol/index.ts';

/** A text in the languages of our users. */
interface Words {
  readonly en: string;
  readonly fa?: string;
  readonly ar?: string;
}

export interface JobTask {
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly level: Exclude<Level, 'auto'>;
  /** Of the input, in pixels. */
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
}

/** What a task takes: declared by the plugin, corrected by what was measured. */
export interface JobEstimate {
  readonly seconds: number;
  readonly memoryMb: number;
  readonly gpuMemoryMb: number;
  readonly cpuThreads: number;
  /** Models that it loads, sorted; jobs with the same ones are kept together. */
  readonly models: readonly string[];
  readonly output?: { readonly width: number; readonly height: number };
}

/** A kind of job that a plugin of this server declares. */
export interface JobKind {
  readonly kind: string;
  readonly plugin: string;
  readonly pluginVersion: string;
  readonly title: Words;
  readonly input: { readonly minPictures: number; readonly maxPictures: number };
  /** @throws AppError BAD_REQUEST that names the parameter and what it may be */
  parseParams(params: Readonly<Record<string, JsonValue>>): Record<string, JsonValue>;
  levelFor(asked: Level, task: Omit<JobTask, 'level'>): JobTask['level'];
  estimate(task: JobTask): JobEstimate;
  /** What the operator has set for it, now: other settings may give other results. Absent: nothing can be set. */
  configured?(): JsonValue;
  /** Whether the same input and parameters give the same result, so that one of an earlier job may be served. Absent: they do. */
  isRepeatable?(params: Readonly<Record<string, JsonValue>>): boolean;
  /** @throws AppError PLUGIN_DISABLED, PLUGIN_FAILED, MODEL_MISSING with the names */
  assertReady(task: JobTask): void;
}

export interface JobKinds {
  /** Null: no plugin declares it. */
  find(kind: string): JobKind | null;
}
