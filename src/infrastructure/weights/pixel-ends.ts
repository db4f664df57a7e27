import type { OnnxGraphBuilder } from './onnx-graph-builder.ts';

/** How a converted graph meets the outside: `pixels` makes it take and give uint8, else float32 in the network's own range; NHWC always. */
export interface GraphEnds {
  readonly pixels?: { readonly range: 1 | 255 };
  /** NHWC; default: one picture of any size. */
  readonly inputShape?: readonly (number | string)[];
}

const anySize = [1, 'height', 'width', 3] as const;

/** The shape of the input. */
export function inputShapeOf(ends: GraphEnds): readonly (number | string)[] {
  return ends.inputShape ?? anySize;
}

/** Adds the graph's input; what is returned is float32, NHWC, in the range of the network. */
export function addInput(builder: OnnxGraphBuilder, ends: GraphEnds): string {
  const shape = inputShapeOf(ends);
  if (ends.pixels === undefined) return builder.input({ name: 'input', type: 'float32', shape });
  const floats = builder.add('Cast', [builder.input({ name: 'input', type: 'uint8', shape })], { to: { int: 1 } });
  return ends.pixels.range === 255 ? floats : builder.add('Div', [floats, builder.floats([255], [])]);
}

/** Adds the graph's output for a float32 NHWC value: cut to the range and rounded to the nearest level when it gives pixels. */
export function addOutput(builder: OnnxGraphBuilder, source: string, ends: GraphEnds, shape: readonly (number | string)[]): void {
  if (ends.pixels === undefined) {
    builder.output('output', source, { type: 'float32', shape });
    return;
  }
  const scaled = ends.pixels.range === 255 ? source : builder.add('Mul', [source, builder.floats([255], [])]);
  const cut = builder.add('Clip', [builder.add('Round', [scaled]), builder.floats([0], []), builder.floats([255], [])]);
  builder.output('output', builder.add('Cast', [cut], { to: { int: 2 } }), { type: 'uint8', shape });
}
