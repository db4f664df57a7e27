/** The kinds of values that a graph takes and gives. `float16` travels as the bits of a half in a `Uint16Array`. */
export interface TensorTypes {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  /** 0 or 1. */
  readonly bool: Uint8Array;
}
export type TensorType = keyof TensorTypes;

/** Values with a shape; `data.length` is the product of `dims`. */
export type Tensor = {
  readonly [T in TensorType]: { readonly type: T; readonly dims: readonly number[]; readonly data: TensorTypes[T] };
}[TensorType];

/** What a graph says of one input or output. A dimension that is open is a name. */
export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

export type ExecutionProvider = 'cuda' | 'webgpu' | 'cpu';

/** A loaded graph. */
export interface ModelSession {
  readonly model: string;
  /** What it runs on. */
  readonly provider: ExecutionProvider;
  /** Why not on something faster, one sentence for each provider that was tried; empty when the first one did. */
  readonly providerReason: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph once. Blocks the process while it does, so look at the signal between runs.
   * @throws Error with the runtime's words for a wrong name, shape or type
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

export interface OpenOptions {
  /** A file of the model other than its graph, relative to its folder, e.g. `unet/model.onnx`. */
  readonly file?: string;
  /** Default: what the run was granted. */
  readonly threads?: number;
  /** Only these are tried, in this order. Default: what the operator allows. */
  readonly providers?: readonly ExecutionProvider[];
}

/** The models of a plugin, by the names in its manifest. Sessions are kept warm between runs and released by the host. */
export interface ModelSessions {
  /** @throws AppError MODEL_MISSING when it is not installed */
  open(name: string, options?: OpenOptions): Promise<ModelSession>;
  isInstalled(name: string): boolean;
  /** Absolute folder of an installed model, for its other files. @throws AppError MODEL_MISSING */
  folder(name: string): string;
  /** Frees a session before its time, for a plugin that needs the memory for the next one. Unknown names change nothing. */
  close(name: string, file?: string): Promise<void>;
}
