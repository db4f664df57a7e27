import { z } from 'zod';
import { createOnnxGraphBuilder, type OnnxGraphBuilder } from './onnx-graph-builder.ts';
import type { OnnxGraph } from './onnx-writer.ts';
import { addInput, addOutput, type GraphEnds } from './pixel-ends.ts';
import type { TfjsFiles, TfjsWeight } from './tfjs-files.ts';

const layerSchema = z.object({
  class_name: z.string(),
  name: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** One group of `[layer, node, tensor, arguments]` for each use of the layer; networks of pictures use each layer once. */
  inbound_nodes: z.array(z.array(z.tuple([z.string(), z.number(), z.number(), z.unknown()]))).max(1),
});
type Layer = z.infer<typeof layerSchema>;
const topologySchema = z.object({
  model_config: z.object({
    config: z.object({ layers: z.array(layerSchema), output_layers: z.array(z.tuple([z.string(), z.number(), z.number()])).length(1) }),
  }),
});
const pairSchema = z.tuple([z.number().int().positive(), z.number().int().positive()]);
const convolutionSchema = z.object({
  strides: pairSchema,
  dilation_rate: pairSchema,
  padding: z.enum(['same', 'valid']),
  groups: z.literal(1).default(1),
  activation: z.string().default('linear'),
  data_format: z.literal('channels_last').default('channels_last'),
});
const upSamplingSchema = z.object({ size: pairSchema, interpolation: z.literal('nearest').default('nearest') });

const activations: Readonly<Record<string, string>> = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh', softplus: 'Softplus' };

/** Kernels of Keras are height, width, in, out; those of ONNX out, in, height, width. */
export function kernelToOnnx(weight: TfjsWeight): { dims: number[]; data: Float32Array } {
  const [height = 1, width = 1, into = 1, out = 1] = weight.dims;
  const data = new Float32Array(weight.data.length);
  let at = 0;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < into; i++) {
      for (let cell = 0; cell < height * width; cell++) {
        data[at] = weight.data[(cell * into + i) * out + o] ?? 0;
        at += 1;
      }
    }
  }
  return { dims: [out, into, height, width], data };
}

interface LayerContext {
  readonly builder: OnnxGraphBuilder;
  readonly weights: TfjsFiles['weights'];
}

function activated(builder: OnnxGraphBuilder, value: string, name: unknown): string {
  if (name === 'linear') return value;
  const op = typeof name === 'string' ? activations[name] : undefined;
  if (op === undefined) throw new Error(`The converter does not know the activation ${String(name)}`);
  return builder.add(op, [value]);
}

function convolution({ builder, weights }: LayerContext, layer: Layer, input: string): string {
  const config = convolutionSchema.parse(layer.config);
  const kernel = weights.get(`${layer.name}/kernel`);
  if (kernel === undefined) throw new Error(`The weights of the layer ${layer.name} are missing`);
  const bias = weights.get(`${layer.name}/bias`);
  const { dims, data } = kernelToOnnx(kernel);
  const inputs = [input, builder.constant({ type: 'float32', dims, data })];
  if (bias?.type === 'float32') inputs.push(builder.constant(bias));
  // Around odd kernels at stride 1 "same" is the same on both sides, which every provider knows; else the rest goes to the end, as in TensorFlow.
  const [rows, columns] = config.dilation_rate.map((rate, side) => (rate * ((dims[2 + side] ?? 1) - 1)) / 2);
  const isSymmetric = config.strides.every((stride) => stride === 1) && Number.isInteger(rows) && Number.isInteger(columns);
  const pads = [rows ?? 0, columns ?? 0, rows ?? 0, columns ?? 0];
  const value = builder.add('Conv', inputs, {
    kernel_shape: { ints: dims.slice(2) },
    strides: { ints: config.strides },
    dilations: { ints: config.dilation_rate },
    ...(config.padding === 'valid' ? {} : isSymmetric ? { pads: { ints: pads } } : { auto_pad: { text: 'SAME_UPPER' } }),
  });
  return activated(builder, value, config.activation);
}

function layerValue(context: LayerContext, layer: Layer, inputs: readonly string[]): string {
  const { builder } = context;
  const [first] = inputs;
  if (first === undefined) throw new Error(`The layer ${layer.name} has no input`);
  if (/^PixelShuffle\d+x$/.test(layer.class_name)) {
    const blocksize = z.number().int().parse(layer.config['scale']);
    return builder.add('DepthToSpace', [first], { blocksize: { int: blocksize }, mode: { text: 'DCR' } });
  }
  switch (layer.class_name) {
    case 'Conv2D':
      return convolution(context, layer, first);
    case 'Activation':
      return activated(builder, first, layer.config['activation']);
    case 'Concatenate':
      z.union([z.literal(3), z.literal(-1)]).parse(layer.config['axis']);
      return builder.add('Concat', inputs, { axis: { int: 1 } });
    case 'Add':
      return inputs.slice(1).reduce((sum, input) => builder.add('Add', [sum, input]), first);
    case 'MultiplyBeta':
      return builder.add('Mul', [first, builder.floats([z.number().default(0.2).parse(layer.config['beta'])], [])]);
    case 'UpSampling2D': {
      const [rows, columns] = upSamplingSchema.parse(layer.config).size;
      return builder.add('Resize', [first, '', builder.floats([1, 1, rows, columns])], {
        mode: { text: 'nearest' },
        coordinate_transformation_mode: { text: 'asymmetric' },
        nearest_mode: { text: 'floor' },
      });
    }
    default:
      throw new Error(`The converter does not know layers of the kind ${layer.class_name}`);
  }
}

/**
 * A Keras network of pictures, as UpscalerJS ships them, as a graph. Layers stand in the file in an order in which each comes after its inputs.
 * @throws Error that names the first layer, activation or weight that is not known
 */
export function convertTfjsLayers(name: string, files: TfjsFiles, ends: GraphEnds): OnnxGraph {
  const { layers, output_layers: outputs } = topologySchema.parse(files.topology).model_config.config;
  const builder = createOnnxGraphBuilder();
  const values = new Map<string, string>();
  for (const layer of layers) {
    if (layer.class_name === 'InputLayer') {
      values.set(layer.name, builder.add('Transpose', [addInput(builder, ends)], { perm: { ints: [0, 3, 1, 2] } }));
      continue;
    }
    const inputs = (layer.inbound_nodes[0] ?? []).map(([source]) => {
      const value = values.get(source);
      if (value === undefined) throw new Error(`The layer ${layer.name} uses ${source} before it is made`);
      return value;
    });
    values.set(layer.name, layerValue({ builder, weights: files.weights }, layer, inputs));
  }
  const last = values.get(outputs[0]?.[0] ?? '');
  if (last === undefined) throw new Error('The output of the model is missing');
  const result = builder.add('Transpose', [last], { perm: { ints: [0, 2, 3, 1] } });
  addOutput(builder, result, ends, [1, 'out_height', 'out_width', 3]);
  return builder.build(name);
}
