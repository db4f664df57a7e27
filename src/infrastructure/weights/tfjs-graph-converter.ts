import { type Elementwise, elementwise } from './elementwise-operations.ts';
import { networkOperations } from './graph-network-operations.ts';
import { required, shapeOperations } from './graph-shape-operations.ts';
import { createGraphValues, elementsOf, emptyLike, type GraphValue, type GraphValues, type Layout, stridesOf } from './graph-value.ts';
import { createOnnxGraphBuilder } from './onnx-graph-builder.ts';
import type { OnnxGraph } from './onnx-writer.ts';
import { addInput, addOutput, type GraphEnds } from './pixel-ends.ts';
import type { TfjsFiles, TfjsWeight } from './tfjs-files.ts';
import { type GraphNode, readGraphNodes } from './tfjs-graph-nodes.ts';

/** Constants beyond this many values are left to the runtime. */
const FOLD_MOST = 4_194_304;

function broadcastDims(operands: readonly GraphValue[]): number[] {
  const rank = Math.max(...operands.map((operand) => operand.dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = operands.map((operand) => operand.dims[axis - rank + operand.dims.length] ?? 1);
    const size = sizes.find((one) => one !== 1) ?? 1;
    if (sizes.some((one) => one !== 1 && one !== size)) throw new Error('The shapes of two operands do not fit');
    return size;
  });
}

function computed(operation: Elementwise, constants: readonly TfjsWeight[], dims: readonly number[], type: TfjsWeight['type']): TfjsWeight {
  const result = emptyLike(type, dims);
  const strides = stridesOf(dims);
  const steps = constants.map((constant) => {
    const own = stridesOf(constant.dims);
    const missing = dims.length - constant.dims.length;
    return dims.map((_, axis) => (axis < missing || constant.dims[axis - missing] === 1 ? 0 : (own[axis - missing] ?? 0)));
  });
  for (let at = 0; at < result.data.length; at++) {
    const operands = constants.map((constant, index) => {
      const from = strides.reduce(
        (sum, stride, axis) => sum + (Math.floor(at / stride) % (dims[axis] ?? 1)) * (steps[index]?.[axis] ?? 0),
        0,
      );
      return constant.data[from] ?? 0;
    });
    result.data[at] = operation.compute(...operands);
  }
  return result;
}

/** Where every picture among the operands lies in TensorFlow's order already, that is kept; else channels come first. */
function layoutFor(operands: readonly GraphValue[], rank: number): Layout {
  const pictures = operands.filter((operand) => operand.constant === undefined && operand.dims.length === 4);
  if (rank !== 4 || pictures.every((picture) => picture.names.has('nhwc'))) return 'nhwc';
  // An operand of fewer axes that is computed would have to be reshaped first.
  return operands.every((operand) => operand.constant !== undefined || operand.dims.length === 4 || operand.dims.length === 0)
    ? 'nchw'
    : 'nhwc';
}

/** Without the broadcasts that the operation does by itself. */
function narrowed(operands: readonly GraphValue[], dims: readonly number[]): readonly GraphValue[] {
  let kept = [...operands];
  operands.forEach((operand, index) => {
    if (operand.narrow === undefined) return;
    const tried = kept.with(index, operand.narrow);
    if (broadcastDims(tried).join() === dims.join()) kept = tried;
  });
  return kept;
}

function convertElementwise(values: GraphValues, operation: Elementwise, inputs: readonly (GraphValue | undefined)[]): GraphValue {
  const operands = inputs.map((input) => required(input));
  const dims = broadcastDims(operands);
  const type = operation.gives ?? required(operands.at(-1)).type;
  const constants = operands.flatMap((operand) => (operand.constant === undefined ? [] : [operand.constant]));
  if (constants.length === operands.length && elementsOf(dims) <= FOLD_MOST)
    return values.constant(computed(operation, constants, dims, type));
  const used = narrowed(operands, dims);
  const layout = layoutFor(used, dims.length);
  const names = used.map((operand) => values.name(operand, layout));
  return values.made({ type, dims }, operation.emit(values.builder, names), layout);
}

function convertNode(values: GraphValues, node: GraphNode, inputs: readonly (GraphValue | undefined)[]): GraphValue {
  const simple = elementwise.get(node.op);
  if (simple !== undefined) return convertElementwise(values, simple, inputs);
  const operation = shapeOperations.get(node.op) ?? networkOperations.get(node.op);
  if (operation === undefined) throw new Error(`The converter does not know the operation ${node.op}`);
  return operation(values, node, inputs);
}

function placeholder(values: GraphValues, node: GraphNode, ends: GraphEnds): GraphValue {
  const shape = ends.inputShape ?? node.shape();
  const dims = shape.filter((size) => typeof size === 'number');
  if (dims.length !== 4 || shape.length !== 4 || dims.some((size) => size < 1))
    throw new Error('The graph leaves its size open: the manifest has to state inputShape');
  return values.made({ type: 'float32', dims }, addInput(values.builder, { ...ends, inputShape: dims }));
}

/**
 * A frozen graph of TensorFlow.js for one size of picture. All that depends on the size only is computed here and becomes a constant.
 * @throws Error that names the first operation that is not known
 */
export function convertTfjsGraph(name: string, files: TfjsFiles, ends: GraphEnds): OnnxGraph {
  const { nodes, output } = readGraphNodes(files.topology, files.signature);
  const builder = createOnnxGraphBuilder();
  const values = createGraphValues(builder);
  const made = new Map<string, GraphValue>();
  for (const node of nodes) {
    try {
      if (node.op === 'Placeholder') made.set(node.name, placeholder(values, node, ends));
      else if (node.op === 'Const') {
        const weight = files.weights.get(node.name);
        if (weight === undefined) throw new Error('Its weights are missing');
        made.set(node.name, values.constant(weight));
      } else {
        const inputs = node.inputs.map((input) => made.get(input));
        made.set(node.name, convertNode(values, node, inputs));
      }
    } catch (error) {
      throw new Error(`${node.op} ${node.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  const result = required(made.get(output));
  addOutput(builder, values.name(result), ends, result.dims);
  return builder.build(name);
}
