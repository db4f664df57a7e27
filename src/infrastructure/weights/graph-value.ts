import type { OnnxGraphBuilder } from './onnx-graph-builder.ts';
import type { OnnxType } from './onnx-writer.ts';
import type { TfjsWeight } from './tfjs-files.ts';

/** How the numbers of a value lie in memory. TensorFlow's order of axes is `nhwc`; convolutions of ONNX want `nchw`. */
export type Layout = 'nhwc' | 'nchw';
export type ValueType = TfjsWeight['type'];

/** A value of the graph that is being converted. `dims` are always in TensorFlow's order, whatever the layout. */
export interface GraphValue {
  readonly type: ValueType;
  readonly dims: readonly number[];
  /** Known before the graph runs. */
  readonly constant?: TfjsWeight;
  /** What it was broadcast from: operations that broadcast by themselves take that instead. */
  readonly narrow?: GraphValue;
  /** Its names in the ONNX graph, one for each layout that was asked for so far. */
  readonly names: Map<Layout, string>;
}

export interface GraphValues {
  readonly builder: OnnxGraphBuilder;
  /** The name of a value in a layout; a transposition is added when it is not there yet. */
  name(value: GraphValue, layout?: Layout): string;
  made(value: Pick<GraphValue, 'type' | 'dims'>, name: string, layout?: Layout): GraphValue;
  constant(weight: TfjsWeight): GraphValue;
}

export const onnxTypeNumbers: Readonly<Record<ValueType, number>> = { float32: 1, int32: 6, bool: 9 };

export function elementsOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The distance in memory between neighbours along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  return strides;
}

/** An array of the type of `like`. */
export function emptyLike(type: ValueType, dims: readonly number[]): TfjsWeight {
  const count = elementsOf(dims);
  if (type === 'float32') return { type, dims, data: new Float32Array(count) };
  if (type === 'int32') return { type, dims, data: new Int32Array(count) };
  return { type, dims, data: new Uint8Array(count) };
}

/** Copies by a rule from the place in the result to the place in the source. */
export function gathered(source: TfjsWeight, dims: readonly number[], sourceStrides: readonly number[], start = 0): TfjsWeight {
  const result = emptyLike(source.type, dims);
  const strides = stridesOf(dims);
  for (let at = 0; at < result.data.length; at++) {
    let from = start;
    let rest = at;
    for (let axis = 0; axis < dims.length; axis++) {
      const stride = strides[axis] ?? 1;
      const index = Math.floor(rest / stride);
      rest -= index * stride;
      from += index * (sourceStrides[axis] ?? 0);
    }
    result.data[at] = source.data[from] ?? 0;
  }
  return result;
}

export function transposed(source: TfjsWeight, permutation: readonly number[]): TfjsWeight {
  const strides = stridesOf(source.dims);
  const dims = permutation.map((axis) => source.dims[axis] ?? 1);
  return gathered(
    source,
    dims,
    permutation.map((axis) => strides[axis] ?? 1),
  );
}

const toNchw = [0, 3, 1, 2] as const;
const toNhwc = [0, 2, 3, 1] as const;

/** Fewer than four axes are the last ones, as broadcasting sees them. */
function inNchw(weight: TfjsWeight): TfjsWeight {
  if (weight.dims.length === 0) return weight;
  const dims = [...Array.from({ length: 4 - weight.dims.length }, () => 1), ...weight.dims];
  return transposed({ ...weight, dims }, toNchw);
}

function constantName(builder: OnnxGraphBuilder, weight: TfjsWeight): string {
  return builder.constant(weight satisfies { readonly type: OnnxType });
}

export function createGraphValues(builder: OnnxGraphBuilder): GraphValues {
  function newName(value: GraphValue, layout: Layout): string {
    if (value.constant !== undefined) return constantName(builder, layout === 'nchw' ? inNchw(value.constant) : value.constant);
    const other = value.names.get(layout === 'nchw' ? 'nhwc' : 'nchw');
    if (other === undefined) throw new Error('A value has no name');
    if (value.dims.length === 0) return other;
    if (value.dims.length !== 4) throw new Error(`A value of ${value.dims.length} axes has no channels`);
    return builder.add('Transpose', [other], { perm: { ints: layout === 'nchw' ? toNchw : toNhwc } });
  }

  return {
    builder,
    name(value, layout = 'nhwc') {
      const known = value.names.get(layout);
      if (known !== undefined) return known;
      const name = newName(value, layout);
      value.names.set(layout, name);
      return name;
    },
    made: ({ type, dims }, name, layout = 'nhwc') => ({ type, dims, names: new Map([[layout, name]]) }),
    constant: (weight) => ({ type: weight.type, dims: weight.dims, constant: weight, names: new Map() }),
  };
}
