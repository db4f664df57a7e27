import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-writer.ts';

/** A tensor without its name: the builder gives it one. */
export type OnnxConstant = OnnxTensor extends infer T ? (T extends OnnxTensor ? Omit<T, 'name'> : never) : never;

/** Builds a graph from its inputs on; names of values are made here and are the same for the same calls. */
export interface OnnxGraphBuilder {
  input(value: OnnxValue): string;
  constant(tensor: OnnxConstant): string;
  ints(values: readonly number[]): string;
  floats(values: readonly number[], dims?: readonly number[]): string;
  /** Adds a node with one output and returns the name of that. */
  add(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** Gives a value its public name, in the order of calls. */
  output(name: string, source: string, value: Omit<OnnxValue, 'name'>): void;
  /** Without what no output needs. */
  build(name: string): OnnxGraph;
}

export function createOnnxGraphBuilder(): OnnxGraphBuilder {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  let values = 0;

  function constant(tensor: OnnxConstant): string {
    const name = `c${initializers.length}`;
    initializers.push({ ...tensor, name });
    return name;
  }

  return {
    input(value) {
      inputs.push(value);
      return value.name;
    },
    constant,
    ints: (numbers) => constant({ type: 'int64', dims: [numbers.length], data: BigInt64Array.from(numbers, (number) => BigInt(number)) }),
    floats: (numbers, dims = [numbers.length]) => constant({ type: 'float32', dims, data: Float32Array.from(numbers) }),
    add(op, from, attributes) {
      const name = `v${values}`;
      values += 1;
      nodes.push({ op, inputs: from, outputs: [name], ...(attributes === undefined ? {} : { attributes }) });
      return name;
    },
    output(name, source, value) {
      nodes.push({ op: 'Identity', inputs: [source], outputs: [name] });
      outputs.push({ name, ...value });
    },
    build: (name) => ({ name, ...used(nodes, initializers, outputs), inputs, outputs }),
  };
}

function used(
  nodes: readonly OnnxNode[],
  initializers: readonly OnnxTensor[],
  outputs: readonly OnnxValue[],
): Pick<OnnxGraph, 'nodes' | 'initializers'> {
  const needed = new Set(outputs.map((output) => output.name));
  const kept = nodes.toReversed().filter((node) => {
    const isNeeded = node.outputs.some((output) => needed.has(output));
    if (isNeeded) for (const input of node.inputs) needed.add(input);
    return isNeeded;
  });
  return { nodes: kept.toReversed(), initializers: initializers.filter((tensor) => needed.has(tensor.name)) };
}
