import { bytesOf, createProtobufMessage, type ProtobufMessage } from './protobuf-writer.ts';

/** Values of a constant. `float16` are the bits of halves. All are little-endian, as every machine that Node runs on is. */
export interface OnnxArrays {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  /** 0 or 1. */
  readonly bool: Uint8Array;
}
export type OnnxType = keyof OnnxArrays;

/** A constant: `data.length` is the product of `dims`; no dims: a scalar. */
export type OnnxTensor = {
  readonly [T in OnnxType]: { readonly name: string; readonly type: T; readonly dims: readonly number[]; readonly data: OnnxArrays[T] };
}[OnnxType];

/** Says its own kind, because 1 may be meant as an integer or as a float and the runtime refuses the wrong one. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: OnnxTensor };

export interface OnnxNode {
  readonly op: string;
  /** Names of values; '' leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of the graph. A dimension that is open is a name. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which every value is made before it is used. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

// The numbers of fields and types stand in onnx.proto of the ONNX project.
const typeNumbers: Readonly<Record<OnnxType, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 };
const attributeNumbers = { float: 1, int: 2, text: 3, tensor: 4, floats: 6, ints: 7 } as const;
const irVersion = 8;
const opset = 17;

function tensorMessage(tensor: OnnxTensor): ProtobufMessage {
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (count !== tensor.data.length)
    throw new Error(`Tensor ${tensor.name}: ${tensor.data.length} values for the shape [${tensor.dims.join(', ')}]`);
  const message = createProtobufMessage();
  for (const dim of tensor.dims) message.integer(1, dim);
  return message
    .integer(2, typeNumbers[tensor.type])
    .text(8, tensor.name)
    .bytes(9, new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
}

function attributeMessage(name: string, attribute: OnnxAttribute): ProtobufMessage {
  const message = createProtobufMessage().text(1, name);
  if ('float' in attribute) return message.float(2, attribute.float).integer(20, attributeNumbers.float);
  if ('int' in attribute) return message.integer(3, attribute.int).integer(20, attributeNumbers.int);
  if ('text' in attribute) return message.text(4, attribute.text).integer(20, attributeNumbers.text);
  if ('tensor' in attribute) return message.message(5, tensorMessage(attribute.tensor)).integer(20, attributeNumbers.tensor);
  if ('floats' in attribute) {
    for (const value of attribute.floats) message.float(7, value);
    return message.integer(20, attributeNumbers.floats);
  }
  for (const value of attribute.ints) message.integer(8, value);
  return message.integer(20, attributeNumbers.ints);
}

function nodeMessage(node: OnnxNode, index: number): ProtobufMessage {
  const message = createProtobufMessage();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, `${node.op}_${index}`).text(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) message.message(5, attributeMessage(name, attribute));
  return message;
}

function valueMessage(value: OnnxValue): ProtobufMessage {
  const shape = createProtobufMessage();
  for (const dim of value.shape) {
    const dimension = createProtobufMessage();
    shape.message(1, typeof dim === 'number' ? dimension.integer(1, dim) : dimension.text(2, dim));
  }
  const tensor = createProtobufMessage().integer(1, typeNumbers[value.type]).message(2, shape);
  return createProtobufMessage().text(1, value.name).message(2, createProtobufMessage().message(1, tensor));
}

/**
 * A graph as an ONNX file (IR 8, operator set 17). The same graph always gives the same bytes, so that a sum of them can be published.
 * @throws Error when a constant has not as many values as its shape says
 */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const body = createProtobufMessage();
  graph.nodes.forEach((node, index) => {
    body.message(1, nodeMessage(node, index));
  });
  body.text(2, graph.name);
  for (const tensor of graph.initializers) body.message(5, tensorMessage(tensor));
  for (const input of graph.inputs) body.message(11, valueMessage(input));
  for (const output of graph.outputs) body.message(12, valueMessage(output));
  const model = createProtobufMessage()
    .integer(1, irVersion)
    .text(2, 'jarvis-argus')
    .message(7, body)
    .message(8, createProtobufMessage().text(1, '').integer(2, opset));
  return bytesOf(model);
}
