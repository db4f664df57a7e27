import type { OnnxGraphBuilder } from './onnx-graph-builder.ts';

/** An operation on each element: what it computes, for constants, and how ONNX says it. */
export interface Elementwise {
  readonly compute: (...values: number[]) => number;
  readonly emit: (builder: OnnxGraphBuilder, names: readonly string[]) => string;
  /** Default: the type of the last operand. */
  readonly gives?: 'bool';
}

function plain(op: string, compute: Elementwise['compute'], gives?: 'bool'): Elementwise {
  return { compute, emit: (builder, names) => builder.add(op, names), ...(gives === undefined ? {} : { gives }) };
}

function cut(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

const add = plain('Add', (a = 0, b = 0) => a + b);

/** By TensorFlow's name of the operation. */
export const elementwise: ReadonlyMap<string, Elementwise> = new Map<string, Elementwise>([
  ['Add', add],
  ['AddV2', add],
  [
    'AddN',
    { ...add, compute: (...values) => values.reduce((sum, value) => sum + value, 0), emit: (builder, names) => builder.add('Sum', names) },
  ],
  ['Sub', plain('Sub', (a = 0, b = 0) => a - b)],
  ['Mul', plain('Mul', (a = 0, b = 0) => a * b)],
  ['RealDiv', plain('Div', (a = 0, b = 0) => a / b)],
  ['Maximum', plain('Max', (a = 0, b = 0) => Math.max(a, b))],
  ['Minimum', plain('Min', (a = 0, b = 0) => Math.min(a, b))],
  ['Greater', plain('Greater', (a = 0, b = 0) => Number(a > b), 'bool')],
  ['GreaterEqual', plain('GreaterOrEqual', (a = 0, b = 0) => Number(a >= b), 'bool')],
  ['Less', plain('Less', (a = 0, b = 0) => Number(a < b), 'bool')],
  ['LessEqual', plain('LessOrEqual', (a = 0, b = 0) => Number(a <= b), 'bool')],
  ['Equal', plain('Equal', (a, b) => Number(a === b), 'bool')],
  [
    'NotEqual',
    {
      compute: (a, b) => Number(a !== b),
      emit: (builder, names) => builder.add('Not', [builder.add('Equal', names)]),
      gives: 'bool',
    },
  ],
  ['LogicalAnd', plain('And', (a = 0, b = 0) => a & b, 'bool')],
  ['LogicalOr', plain('Or', (a = 0, b = 0) => a | b, 'bool')],
  ['SelectV2', plain('Where', (condition = 0, a = 0, b = 0) => (condition === 0 ? b : a))],
  ['Abs', plain('Abs', (a = 0) => Math.abs(a))],
  ['Neg', plain('Neg', (a = 0) => -a)],
  ['Exp', plain('Exp', (a = 0) => Math.exp(a))],
  ['Floor', plain('Floor', (a = 0) => Math.floor(a))],
  ['Sign', plain('Sign', (a = 0) => Math.sign(a))],
  ['Sqrt', plain('Sqrt', (a = 0) => Math.sqrt(a))],
  ['Tanh', plain('Tanh', (a = 0) => Math.tanh(a))],
  ['Sigmoid', plain('Sigmoid', (a = 0) => 1 / (1 + Math.exp(-a)))],
  ['Relu', plain('Relu', (a = 0) => Math.max(0, a))],
  ['Identity', plain('Identity', (a = 0) => a)],
  ['Reciprocal', plain('Reciprocal', (a = 0) => 1 / a)],
  ['Rsqrt', { compute: (a = 0) => 1 / Math.sqrt(a), emit: (builder, names) => builder.add('Reciprocal', [builder.add('Sqrt', names)]) }],
  ['Square', { compute: (a = 0) => a * a, emit: (builder, [name = '']) => builder.add('Mul', [name, name]) }],
  [
    'Relu6',
    {
      compute: (a = 0) => cut(a, 0, 6),
      emit: (builder, names) => builder.add('Clip', [...names, builder.floats([0], []), builder.floats([6], [])]),
    },
  ],
  // Only sizes are divided so, which are known before the graph runs.
  ['FloorDiv', plain('Div', (a = 0, b = 1) => Math.floor(a / b))],
  ['FloorMod', plain('Mod', (a = 0, b = 1) => a - b * Math.floor(a / b))],
]);
