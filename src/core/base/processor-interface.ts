import type { JsonValue } from '../../lib/document-store.ts';
import type { Picture } from '../pictures/picture.ts';
import type { Words } from '../plugins/words.ts';
import type { ModelStatus } from './base-model.ts';
import type { ResourceAware } from './resource-aware.ts';

/** How much effort a request gets: the least work, the usual, the best that is known. */
export type WorkLevel = 'quick' | 'normal' | 'deep';

/** What a processor works on. */
export interface ProcessorInput<Params> {
  /** Decoded, upright, in the order in which the person gave them; as many as the processor declared. */
  readonly pictures: readonly Picture[];
  /** As the declared schema parsed them. */
  readonly params: Params;
  readonly level: WorkLevel;
}

/** What a run may use and whom it tells. */
export interface ProcessorRun {
  /** Aborted on cancel, deadline and drain. Look at it between tiles and steps: the process is killed 2 s later. */
  readonly signal: AbortSignal;
  /** How many threads were granted. */
  readonly threads: number;
  /** Side of a tile in pixels that did well on this machine; undefined: the processor's own choice. */
  readonly tile: number | undefined;
  /** 0..100, only ever growing; null: unknown. More than four calls a second are joined. `note` says what is being done. */
  progress(percent: number | null, note?: Words): void;
  /** A picture on the way, shown until the next one. Cheap: it is reduced to at most 512 pixels a side outside. */
  preview(picture: Picture): void;
}

export interface OutputPicture {
  readonly picture: Picture;
  /** `auto`: PNG where there is alpha or 16 bit, else the kind of file that came in (JPEG at quality 92, PNG or WebP). Default `auto`. */
  readonly format?: 'auto' | 'png' | 'jpeg' | 'webp';
}

export interface ProcessorOutput {
  readonly pictures: readonly OutputPicture[];
  /** For people and for the chat's context, Markdown; at most 64 KiB. */
  readonly text?: string;
  /** For programs and for the plugin's view, at most 256 KiB as JSON. */
  readonly data?: JsonValue;
  /** Facts for the provenance of the result, such as the seed. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

export interface ProcessorStatus extends ModelStatus {
  /** Of the last run, in milliseconds; null before the first. */
  readonly lastMs: number | null;
}

/** Something that turns pictures and parameters into pictures and text. */
export interface ProcessorInterface<Params = unknown> extends ResourceAware {
  readonly name: string;
  readonly version: string;
  /**
   * @throws AppError for what the person can mend (BAD_REQUEST, TOO_LARGE, IMAGE_UNREADABLE); the signal's reason when aborted;
   * anything else is the plugin's fault and becomes PLUGIN_FAILED
   */
  process(input: ProcessorInput<Params>, run: ProcessorRun): Promise<ProcessorOutput>;
  status(): ProcessorStatus;
  /** Frees what it holds; safe to call twice. */
  release(): Promise<void>;
}
