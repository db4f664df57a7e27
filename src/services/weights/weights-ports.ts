import type { ModelConversion, ModelFile } from '../../core/index.ts';

/** A package of the registry, and what it has to become. */
export interface InstallOrder {
  /** Of the model; its folder has this name. */
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
  /** In bytes. */
  readonly downloadSize: number;
  readonly convert?: ModelConversion;
  /** What has to be there in the end, to the byte. */
  readonly files: readonly ModelFile[];
}

export interface InstallEvents {
  readonly signal: AbortSignal;
  /** 0..100; null: unknown. */
  onProgress(percent: number | null): void;
}

/** Where to look for the files of a model. */
export type ModelPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  /** A package beside the plugin or above it. */
  | { readonly kind: 'package'; readonly package: string; readonly from: string }
  /** Installed, or brought by the operator, under its own name. */
  | { readonly kind: 'data'; readonly name: string };

/** What was found of the files of a model. */
export interface FoundModel {
  /** Absolute; null: there is no such package. */
  readonly folder: string | null;
  readonly complete: boolean;
  /** Of what is there, in bytes. */
  readonly size: number;
  /** The first file that is not as it should be. */
  readonly missing?: string;
}

/** The disk side of weights. */
export interface ModelStore {
  /** @param exact compares sizes and, for what was not installed by this program, sums; else a file only has to be there */
  inspect(place: ModelPlace, files: readonly ModelFile[], exact: boolean): Promise<FoundModel>;
  /** All or nothing: what fails or is aborted leaves no trace. @throws Error whose message an operator may read */
  install(order: InstallOrder, events: InstallEvents): Promise<void>;
  remove(name: string): Promise<void>;
  /** Removes what a killed process left. */
  sweep(): Promise<void>;
}
