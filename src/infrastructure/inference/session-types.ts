/** The shapes of `core/plugins/model-session` and `core/pictures/picture` in this room's own words; the compiler checks the fit where they are wired. */

export interface TensorTypes {
  readonly float32: Float32Array;
  /** The bits of a half. */
  readonly float16: Uint16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}
export type TensorType = keyof TensorTypes;
export type Tensor = {
  readonly [T in TensorType]: { readonly type: T; readonly dims: readonly number[]; readonly data: TensorTypes[T] };
}[TensorType];

export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

export type ExecutionProvider = 'cuda' | 'webgpu' | 'cpu';

export interface ModelSession {
  readonly model: string;
  readonly provider: ExecutionProvider;
  readonly providerReason: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

/** An installed model: where it lies, and the graph that is loaded where no file is named. */
export interface ModelLocation {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly graph: string;
}

/** What a model runs on, and why not on something faster. */
export interface ProviderSeen {
  readonly model: string;
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/** Straight alpha, sRGB, rows from the top left. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array | Uint16Array;
}
