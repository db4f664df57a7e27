import type { GraphOperation } from './graph-operation.ts';
import {
  elementsOf,
  emptyLike,
  type GraphValue,
  type GraphValues,
  gathered,
  onnxTypeNumbers,
  stridesOf,
  transposed,
  type ValueType,
} from './graph-value.ts';
import type { TfjsWeight } from './tfjs-files.ts';
import type { GraphNode } from './tfjs-graph-nodes.ts';

/** The numbers of a value that has to be known, such as axes and sizes. @throws Error when the graph computes it from pixels */
export function knownNumbers(value: GraphValue | undefined): number[] {
  if (value?.constant === undefined) throw new Error('A size or an axis is computed from pixels');
  return Array.from(value.constant.data);
}

export function required(value: GraphValue | undefined): GraphValue {
  if (value === undefined) throw new Error('An operand is missing');
  return value;
}

const positive = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

function typeFrom(name: string): ValueType {
  if (name === 'DT_FLOAT') return 'float32';
  if (name === 'DT_INT32') return 'int32';
  if (name === 'DT_BOOL') return 'bool';
  throw new Error(`The converter does not know the type ${name}`);
}

/** One of the sizes may be -1: what is left. */
export function reshaped(values: GraphValues, value: GraphValue, sizes: readonly number[]): GraphValue {
  const known = sizes.reduce((product, size) => (size < 0 ? product : product * size), 1);
  const dims = sizes.map((size) => (size < 0 ? elementsOf(value.dims) / known : size));
  if (value.constant !== undefined) return values.constant({ ...value.constant, dims });
  return values.made({ type: value.type, dims }, values.builder.add('Reshape', [values.name(value), values.builder.ints(dims)]));
}

const broadcastTo: GraphOperation = (values, _node, [source, sizes]) => {
  const value = required(source);
  const dims = knownNumbers(sizes);
  const narrow = value.narrow ?? value;
  if (value.constant !== undefined) {
    const padded = [...dims.slice(value.dims.length).map(() => 1), ...value.dims];
    const strides = stridesOf(padded).map((stride, axis) => (padded[axis] === 1 ? 0 : stride));
    return { ...values.constant(gathered(value.constant, dims, strides)), narrow };
  }
  const { builder } = values;
  return { ...values.made({ type: value.type, dims }, builder.add('Expand', [values.name(value), builder.ints(dims)])), narrow };
};

interface Cut {
  readonly begin: number[];
  readonly end: number[];
  readonly step: number[];
}

/** @throws Error for the parts of TensorFlow's slices that no network here uses */
function cutFrom(node: GraphNode, dims: readonly number[], inputs: readonly (GraphValue | undefined)[]): Cut {
  if (node.integer('ellipsis_mask') !== 0 || node.integer('new_axis_mask') !== 0)
    throw new Error('Slices with new axes cannot be converted');
  const [begins, ends, step] = inputs.slice(1).map(knownNumbers);
  const has = (mask: string, axis: number) => (node.integer(mask) & (1 << axis)) !== 0;
  const begin = dims.map((dim, axis) =>
    axis >= (begins?.length ?? 0) || has('begin_mask', axis) ? 0 : positive(begins?.[axis] ?? 0, dim),
  );
  const end = dims.map((dim, axis) => {
    if (has('shrink_axis_mask', axis)) return (begin[axis] ?? 0) + 1;
    if (axis >= (ends?.length ?? 0) || has('end_mask', axis)) return dim;
    return Math.min(dim, positive(ends?.[axis] ?? dim, dim));
  });
  const steps = dims.map((_, axis) => step?.[axis] ?? 1);
  if (steps.some((one) => one < 1)) throw new Error('Slices that go backwards cannot be converted');
  return { begin, end, step: steps };
}

const stridedSlice: GraphOperation = (values, node, inputs) => {
  const value = required(inputs[0]);
  const { begin, end, step } = cutFrom(node, value.dims, inputs);
  const sizes = value.dims.map((_, axis) => Math.max(0, Math.ceil(((end[axis] ?? 0) - (begin[axis] ?? 0)) / (step[axis] ?? 1))));
  const kept = sizes.filter((_, axis) => (node.integer('shrink_axis_mask') & (1 << axis)) === 0);
  if (value.constant !== undefined) {
    const strides = stridesOf(value.dims);
    const start = begin.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 1), 0);
    const cutOut = gathered(
      value.constant,
      sizes,
      strides.map((stride, axis) => stride * (step[axis] ?? 1)),
      start,
    );
    return values.constant({ ...cutOut, dims: kept });
  }
  const { builder } = values;
  const axes = value.dims.map((_, axis) => axis);
  const sliced = builder.add('Slice', [values.name(value), builder.ints(begin), builder.ints(end), builder.ints(axes), builder.ints(step)]);
  const result = values.made({ type: value.type, dims: sizes }, sliced);
  return kept.length === sizes.length ? result : reshaped(values, result, kept);
};

function joined(parts: readonly TfjsWeight[], axis: number, dims: readonly number[]): TfjsWeight {
  const result = emptyLike(parts[0]?.type ?? 'int32', dims);
  const inner = elementsOf(dims.slice(axis + 1));
  const outer = elementsOf(dims.slice(0, axis));
  let at = 0;
  for (let row = 0; row < outer; row++) {
    for (const part of parts) {
      const length = (part.dims[axis] ?? 1) * inner;
      result.data.set(part.data.subarray(row * length, (row + 1) * length), at);
      at += length;
    }
  }
  return result;
}

function concatenated(values: GraphValues, parts: readonly GraphValue[], axis: number): GraphValue {
  const first = required(parts[0]);
  const dims = first.dims.map((dim, at) => (at === axis ? parts.reduce((sum, part) => sum + (part.dims[axis] ?? 0), 0) : dim));
  const constants = parts.flatMap((part) => (part.constant === undefined ? [] : [part.constant]));
  if (constants.length === parts.length) return values.constant(joined(constants, axis, dims));
  // Channels that come out of convolutions stay as they lie.
  const allNchw = dims.length === 4 && parts.every((part) => part.constant === undefined && !part.names.has('nhwc'));
  const layout = allNchw ? 'nchw' : 'nhwc';
  const names = parts.map((part) => values.name(part, layout));
  const place = layout === 'nhwc' ? axis : ([0, 2, 3, 1][axis] ?? axis);
  return values.made({ type: first.type, dims }, values.builder.add('Concat', names, { axis: { int: place } }), layout);
}

const range: GraphOperation = (values, _node, inputs) => {
  const [start = 0, limit = 0, delta = 1] = inputs.map((input) => knownNumbers(input)[0] ?? 0);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const result = emptyLike(inputs[0]?.type ?? 'int32', [count]);
  for (let index = 0; index < count; index++) result.data[index] = start + index * delta;
  return values.constant(result);
};

const sum: GraphOperation = (values, node, [source, axesValue]) => {
  const value = required(source);
  const axes = knownNumbers(axesValue).map((axis) => positive(axis, value.dims.length));
  const keep = node.flag('keep_dims');
  const dims = value.dims.flatMap((dim, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
  const { builder } = values;
  if (axes.length === 0) return value;
  const name = builder.add('ReduceSum', [values.name(value), builder.ints(axes)], { keepdims: { int: Number(keep) } });
  return values.made({ type: value.type, dims }, name);
};

const gather: GraphOperation = (values, node, [source, indices, axisValue]) => {
  const value = required(source);
  const index = required(indices);
  if (node.integer('batch_dims') !== 0) throw new Error('Gathering in batches cannot be converted');
  const axis = positive(knownNumbers(axisValue)[0] ?? 0, value.dims.length);
  const dims = [...value.dims.slice(0, axis), ...index.dims, ...value.dims.slice(axis + 1)];
  const name = values.builder.add('Gather', [values.name(value), values.name(index)], { axis: { int: axis } });
  return values.made({ type: value.type, dims }, name);
};

const cast: GraphOperation = (values, node, [source]) => {
  const value = required(source);
  const type = typeFrom(node.text('DstT'));
  if (value.constant !== undefined) {
    const result = emptyLike(type, value.dims);
    value.constant.data.forEach((number, index) => {
      result.data[index] = type === 'bool' ? Number(number !== 0) : type === 'int32' ? Math.trunc(number) : number;
    });
    return values.constant(result);
  }
  return values.made({ type, dims: value.dims }, values.builder.add('Cast', [values.name(value)], { to: { int: onnxTypeNumbers[type] } }));
};

function withAxis(dims: readonly number[], axis: number): number[] {
  const at = axis < 0 ? axis + dims.length + 1 : axis;
  return [...dims.slice(0, at), 1, ...dims.slice(at)];
}

/** Operations that move numbers without changing them, by TensorFlow's name. */
export const shapeOperations: ReadonlyMap<string, GraphOperation> = new Map<string, GraphOperation>([
  ['BroadcastTo', broadcastTo],
  ['StridedSlice', stridedSlice],
  ['Range', range],
  ['Sum', sum],
  ['GatherV2', gather],
  ['Cast', cast],
  [
    'Shape',
    (values, _node, [source]) => {
      const { dims } = required(source);
      return values.constant({ type: 'int32', dims: [dims.length], data: Int32Array.from(dims) });
    },
  ],
  ['Reshape', (values, _node, [value, sizes]) => reshaped(values, required(value), knownNumbers(sizes))],
  [
    'ExpandDims',
    (values, _node, [value, axis]) => reshaped(values, required(value), withAxis(required(value).dims, knownNumbers(axis)[0] ?? 0)),
  ],
  [
    'Squeeze',
    (values, node, [source]) => {
      const value = required(source);
      const gone = node.integers('squeeze_dims').map((axis) => positive(axis, value.dims.length));
      const dims = value.dims.filter((dim, axis) => (gone.length === 0 ? dim !== 1 : !gone.includes(axis)));
      return reshaped(values, value, dims);
    },
  ],
  [
    'Pack',
    (values, node, inputs) => {
      const parts = inputs.map((input) => required(input));
      const rank = (parts[0]?.dims.length ?? 0) + 1;
      const axis = positive(node.integer('axis'), rank);
      return concatenated(
        values,
        parts.map((part) => reshaped(values, part, withAxis(part.dims, axis))),
        axis,
      );
    },
  ],
  [
    'ConcatV2',
    (values, _node, inputs) => {
      const parts = inputs.slice(0, -1).map((input) => required(input));
      return concatenated(values, parts, positive(knownNumbers(inputs.at(-1))[0] ?? 0, parts[0]?.dims.length ?? 0));
    },
  ],
  [
    'Transpose',
    (values, _node, [source, order]) => {
      const value = required(source);
      const permutation = knownNumbers(order);
      if (value.constant !== undefined) return values.constant(transposed(value.constant, permutation));
      const dims = permutation.map((axis) => value.dims[axis] ?? 1);
      return values.made(
        { type: value.type, dims },
        values.builder.add('Transpose', [values.name(value)], { perm: { ints: permutation } }),
      );
    },
  ],
]);
