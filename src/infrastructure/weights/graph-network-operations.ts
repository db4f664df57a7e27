import type { GraphOperation } from './graph-operation.ts';
import { knownNumbers, required } from './graph-shape-operations.ts';
import { type GraphValue, type GraphValues, transposed } from './graph-value.ts';
import type { TfjsWeight } from './tfjs-files.ts';
import type { GraphNode } from './tfjs-graph-nodes.ts';

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: number[];
  /** Height and width of what comes out. */
  readonly size: [number, number];
}

interface Side {
  readonly into: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** TensorFlow's "same" puts the odd one at the end, so the pads depend on the size of the picture. */
function padded({ into, kernel, stride, dilation }: Side, isSame: boolean): { size: number; begin: number; end: number } {
  const reach = (kernel - 1) * dilation + 1;
  if (!isSame) return { size: Math.floor((into - reach) / stride) + 1, begin: 0, end: 0 };
  const size = Math.ceil(into / stride);
  const pad = Math.max(0, (size - 1) * stride + reach - into);
  return { size, begin: Math.floor(pad / 2), end: pad - Math.floor(pad / 2) };
}

function windowOf(node: GraphNode, kernel: readonly [number, number], dims: readonly number[]): Window {
  const layout = node.text('data_format');
  if (layout !== 'NHWC') throw new Error(`The converter does not know the layout ${layout}`);
  const [, strideRows = 1, strideColumns = 1] = node.integers('strides');
  const [, dilationRows = 1, dilationColumns = 1] = node.integers('dilations');
  const [, height = 1, width = 1] = dims;
  const isSame = isSamePadding(node);
  const rows = padded({ into: height, kernel: kernel[0], stride: strideRows, dilation: dilationRows }, isSame);
  const columns = padded({ into: width, kernel: kernel[1], stride: strideColumns, dilation: dilationColumns }, isSame);
  return {
    kernel,
    stride: [strideRows, strideColumns],
    dilation: [dilationRows, dilationColumns],
    pads: [rows.begin, columns.begin, rows.end, columns.end],
    size: [rows.size, columns.size],
  };
}

function isSamePadding(node: GraphNode): boolean {
  const padding = node.text('padding');
  if (padding !== 'SAME' && padding !== 'VALID') throw new Error(`The converter does not know the padding ${padding}`);
  return padding === 'SAME';
}

function knownKernel(value: GraphValue | undefined): TfjsWeight {
  const constant = required(value).constant;
  if (constant?.dims.length !== 4) throw new Error('A kernel is not a constant of four axes');
  return constant;
}

const convolution: GraphOperation = (values, node, [source, filter]) => {
  const value = required(source);
  const kernel = knownKernel(filter);
  const [rows = 1, columns = 1, into = 1, out = 1] = kernel.dims;
  const window = windowOf(node, [rows, columns], value.dims);
  const dims = [value.dims[0] ?? 1, ...window.size, out];
  const isPointwise = rows === 1 && columns === 1 && window.stride.every((stride) => stride === 1);
  if (isPointwise && value.names.has('nhwc')) {
    const matrix = values.constant({ ...kernel, dims: [into, out] });
    return values.made({ type: 'float32', dims }, values.builder.add('MatMul', [values.name(value), values.name(matrix)]));
  }
  const weights = values.constant(transposed(kernel, [3, 2, 0, 1]));
  const name = values.builder.add('Conv', [values.name(value, 'nchw'), values.name(weights)], windowAttributes(window));
  return values.made({ type: 'float32', dims }, name, 'nchw');
};

function windowAttributes({ kernel, stride, dilation, pads }: Window) {
  return { kernel_shape: { ints: kernel }, strides: { ints: stride }, dilations: { ints: dilation }, pads: { ints: pads } };
}

const depthwise: GraphOperation = (values, node, [source, filter]) => {
  const value = required(source);
  const kernel = knownKernel(filter);
  const [rows = 1, columns = 1, into = 1, times = 1] = kernel.dims;
  const window = windowOf(node, [rows, columns], value.dims);
  const weights = values.constant({ ...transposed(kernel, [2, 3, 0, 1]), dims: [into * times, 1, rows, columns] });
  const attributes = { ...windowAttributes(window), group: { int: into } };
  const name = values.builder.add('Conv', [values.name(value, 'nchw'), values.name(weights)], attributes);
  return values.made({ type: 'float32', dims: [value.dims[0] ?? 1, ...window.size, into * times] }, name, 'nchw');
};

/** The way back of a convolution: what TensorFlow computes a transposed convolution with. */
const convolutionBack: GraphOperation = (values, node, [sizes, filter, source]) => {
  const value = required(source);
  const kernel = knownKernel(filter);
  const [rows = 1, columns = 1, out = 1] = kernel.dims;
  const [, height = 1, width = 1] = knownNumbers(sizes);
  const dims = [value.dims[0] ?? 1, height, width, out];
  // The window of the convolution that would lead from the result to the value.
  const window = windowOf(node, [rows, columns], dims);
  if (window.size[0] !== value.dims[1] || window.size[1] !== value.dims[2])
    throw new Error('The sizes of a transposed convolution do not fit');
  const weights = values.constant(transposed(kernel, [3, 2, 0, 1]));
  const missing = ([0, 1] as const).map((side) => {
    const reached = ((value.dims[1 + side] ?? 1) - 1) * window.stride[side] + (window.kernel[side] - 1) * window.dilation[side] + 1;
    return (dims[1 + side] ?? 1) + (window.pads[side] ?? 0) + (window.pads[side + 2] ?? 0) - reached;
  });
  const attributes = { ...windowAttributes(window), output_padding: { ints: missing } };
  const name = values.builder.add('ConvTranspose', [values.name(value, 'nchw'), values.name(weights)], attributes);
  return values.made({ type: 'float32', dims }, name, 'nchw');
};

const averagePool: GraphOperation = (values, node, [source]) => {
  const value = required(source);
  const [, rows = 1, columns = 1] = node.integers('ksize');
  const { kernel, stride, pads, size } = windowOf(node, [rows, columns], value.dims);
  const attributes = { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: pads }, count_include_pad: { int: 0 } };
  const name = values.builder.add('AveragePool', [values.name(value, 'nchw')], attributes);
  return values.made({ type: 'float32', dims: [value.dims[0] ?? 1, ...size, value.dims[3] ?? 1] }, name, 'nchw');
};

const resizeBilinear: GraphOperation = (values, node, [source, sizes]) => {
  const value = required(source);
  const [height = 1, width = 1] = knownNumbers(sizes);
  const [batch = 1, , , channels = 1] = value.dims;
  const { builder } = values;
  const mode = node.flag('align_corners') ? 'align_corners' : node.flag('half_pixel_centers') ? 'half_pixel' : 'asymmetric';
  const name = builder.add('Resize', [values.name(value, 'nchw'), '', '', builder.ints([batch, channels, height, width])], {
    mode: { text: 'linear' },
    coordinate_transformation_mode: { text: mode },
  });
  return values.made({ type: 'float32', dims: [batch, height, width, channels] }, name, 'nchw');
};

function turned(values: GraphValues, value: GraphValue, from: string, to: string): GraphValue {
  if (from === to) return value;
  const permutation = Array.from(to, (letter) => from.indexOf(letter));
  const dims = permutation.map((axis) => value.dims[axis] ?? 1);
  if (value.constant !== undefined) return values.constant(transposed(value.constant, permutation));
  return values.made({ type: value.type, dims }, values.builder.add('Transpose', [values.name(value)], { perm: { ints: permutation } }));
}

interface MatrixSum {
  /** Which operand is the matrix. */
  readonly matrix: 0 | 1;
  /** The letters of the bigger operand, the matrix and the result. */
  readonly big: string;
  readonly small: string;
  readonly result: string;
  /** The letter that is summed over, and the one that takes its place. */
  readonly over: string;
  readonly kept: string;
}

/** @throws Error for sums that are not one matrix times something bigger */
function matrixSumFrom(equation: string): MatrixSum {
  const parts = /^([a-z]+),([a-z]+)->([a-z]+)$/.exec(equation);
  const [left = '', right = '', result = ''] = parts?.slice(1) ?? [];
  const matrix = left.length === 2 && right.length > 2 ? 0 : 1;
  const [small, big] = matrix === 0 ? [left, right] : [right, left];
  const letters = Array.from(small);
  const over = letters.filter((letter) => big.includes(letter) && !result.includes(letter)).join('');
  const kept = letters.filter((letter) => result.includes(letter) && !big.includes(letter)).join('');
  if (letters.length !== 2 || over.length !== 1 || kept.length !== 1) throw new Error(`The converter does not know the sum ${equation}`);
  return { matrix, big, small, result, over, kept };
}

/** One multiplication of matrices, with turns where letters do not stand last. */
const einsum: GraphOperation = (values, node, inputs) => {
  const { matrix, big, small, result, over, kept } = matrixSumFrom(node.text('equation'));
  const rest = big.replace(over, '');
  const first = turned(values, required(inputs[1 - matrix]), big, rest + over);
  const second = turned(values, required(inputs[matrix]), small, over + kept);
  const name = values.builder.add('MatMul', [values.name(first), values.name(second)]);
  const product = values.made({ type: 'float32', dims: [...first.dims.slice(0, -1), second.dims[1] ?? 1] }, name);
  return turned(values, product, rest + kept, result);
};

/** Operations of neural networks, by TensorFlow's name. */
export const networkOperations: ReadonlyMap<string, GraphOperation> = new Map<string, GraphOperation>([
  ['Conv2D', convolution],
  ['DepthwiseConv2dNative', depthwise],
  ['Conv2DBackpropInput', convolutionBack],
  ['AvgPool', averagePool],
  ['ResizeBilinear', resizeBilinear],
  ['Einsum', einsum],
]);
