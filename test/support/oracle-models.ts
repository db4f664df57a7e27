import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue, writeOnnx } from '../../src/infrastructure/weights/onnx-writer.ts';

/**
 * Tiny diffusion models that know the answer: same folders, names, types and ranks as real exports, but the U-Net computes the noise that
 * is left between the sample and the picture that its words ask for. Whoever tokenizes, schedules, guides and decodes rightly gets that picture.
 */
export interface OracleVariant {
  readonly family?: 'sd' | 'sdxl';
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** All floats of the signatures are halves. */
  readonly half?: boolean;
  /** Older exports: ids of 32 bits, and the timestep as one float for each of the batch. */
  readonly legacy?: boolean;
  readonly prediction?: 'epsilon' | 'v_prediction';
  /** An LCM that was distilled with guidance: it must be told exactly this one. */
  readonly toldGuidance?: number;
  /** The U-Net sees no noise anywhere, so that what it is given stays as it is. */
  readonly blind?: boolean;
  /** The VAE encoder gives latents, not a distribution. */
  readonly plainEncoder?: boolean;
  /** Parts to leave out. */
  readonly without?: readonly string[];
  /** Bound to latents of 8 x 8 and a batch of two. */
  readonly bound?: boolean;
  /** Takes latents of any size; else any but 8 x 8 is an error of the runtime, as odd sizes are in real models. */
  readonly anySize?: boolean;
}

/** Red, green and blue of a word on the right side of the picture, -1..1; the left side is grey. */
export const oracleColours = { red: [0.4, -0.2, -0.2], green: [-0.2, 0.4, -0.2], blue: [-0.2, -0.2, 0.4] } as const;
export type OracleWord = keyof typeof oracleColours;

/** Latents of 8 x 8: pictures of 64 x 64. */
const side = 8;
const tokens = 77;
const words = Object.keys(oracleColours) as readonly OracleWord[];

/** The picture that an oracle means: `colour` on the right, grey on the left, in eight steps. */
export function oraclePixel(colour: readonly number[], x: number, pictureWidth = 64): number[] {
  const share = Math.floor((x * side) / pictureWidth) / (side - 1);
  return colour.map((value) => Math.min(Math.max(value * share * 127.5 + 127.5, 0), 255));
}

/** Writes a model into a folder of its own. */
export function writeOracleModel(folder: string, variant: OracleVariant): void {
  const { family = 'sd', without = [] } = variant;
  const xl = family === 'sdxl';
  const scale = xl ? 0.130_25 : 0.182_15;
  const put = (path: string, content: string | Uint8Array): void => {
    if (without.some((part) => path.startsWith(part))) return;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const json = (path: string, value: unknown): void => put(path, JSON.stringify(value));
  json('model_index.json', { _class_name: xl ? 'StableDiffusionXLPipeline' : 'StableDiffusionPipeline', force_zeros_for_empty_prompt: xl });
  json('scheduler/scheduler_config.json', {
    num_train_timesteps: 1000,
    beta_start: 0.000_85,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    ...(variant.prediction === undefined ? {} : { prediction_type: variant.prediction }),
    ...variant.scheduler,
  });
  json('unet/config.json', { time_cond_proj_dim: variant.toldGuidance === undefined ? null : 256 });
  json('vae_decoder/config.json', { scaling_factor: scale });
  for (const name of xl ? ['tokenizer', 'tokenizer_2'] : ['tokenizer']) {
    json(`${name}/vocab.json`, vocabulary);
    put(`${name}/merges.txt`, `#version: 0.2\n${merges.join('\n')}\n`);
    json(`${name}/special_tokens_map.json`, { pad_token: name === 'tokenizer' ? '<|endoftext|>' : { content: '!', lstrip: false } });
  }
  put('text_encoder/model.onnx', writeOnnx(textEncoder(variant, { xl, second: false })));
  if (xl) put('text_encoder_2/model.onnx', writeOnnx(textEncoder(variant, { xl, second: true })));
  put('unet/model.onnx', writeOnnx(unet(variant, scale, xl)));
  put('vae_decoder/model.onnx', writeOnnx(vaeDecoder(variant)));
  put('vae_encoder/model.onnx', writeOnnx(vaeEncoder(variant)));
}

const merges = ['b l', 'bl u', 'blu e</w>', 'g r', 'gr e', 'gre e', 'gree n</w>', 'r e', 're d</w>'];
const pieces = [
  '!',
  '<|startoftext|>',
  '<|endoftext|>',
  'r',
  'e',
  'd</w>',
  'b',
  'l',
  'u',
  'e</w>',
  'g',
  'n</w>',
  ...merges.map((join) => join.replace(' ', '')),
];
const vocabulary = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
/** Numbers of a row of the hidden states. */
const width = 4;
/** What the mark at the end counts in the second encoder of SDXL, where it stands once: filling with it instead of "!" is seen. */
const endMark = 0.5;

/** One row for each id: the colour of a word, nothing for the rest. */
function table(second: boolean): Float32Array {
  const rows = new Float32Array(pieces.length * width);
  for (const word of words) rows.set(oracleColours[word], (vocabulary[`${word}</w>`] ?? 0) * width);
  if (second) rows[(vocabulary['<|endoftext|>'] ?? 0) * width + 3] = endMark;
  return rows;
}

const float = (variant: OracleVariant) => (variant.half === true ? 'float16' : 'float32');
const batchOf = (variant: OracleVariant) => (variant.bound === true ? 2 : 'batch');
/** Number of the type in ONNX. */
const castTo = (variant: OracleVariant) => ({ to: { int: variant.half === true ? 10 : 1 } });

function constant(name: string, dims: readonly number[], values: readonly number[] | Float32Array): OnnxTensor {
  return { name, type: 'float32', dims, data: Float32Array.from(values) };
}
const whole = (name: string, values: readonly number[]): OnnxTensor => ({
  name,
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values.map(BigInt)),
});

function textEncoder(variant: OracleVariant, { xl, second }: { readonly xl: boolean; readonly second: boolean }): OnnxGraph {
  const nodes: OnnxNode[] = [
    { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['right32'] },
    { op: 'Mul', inputs: ['right32', 'wrong'], outputs: ['wrong32'] },
    { op: 'ReduceSum', inputs: ['right32', 'tokens'], outputs: ['pooled32'], attributes: { keepdims: { int: 0 } } },
    { op: 'Cast', inputs: ['right32'], outputs: ['right'], attributes: castTo(variant) },
    { op: 'Cast', inputs: ['wrong32'], outputs: ['off'], attributes: castTo(variant) },
    { op: 'Cast', inputs: ['pooled32'], outputs: ['pooled'], attributes: castTo(variant) },
  ];
  const outputs: OnnxValue[] = [];
  const give = (name: string, from: string, shape: OnnxValue['shape']): void => {
    nodes.push({ op: 'Identity', inputs: [from], outputs: [name] });
    outputs.push({ name, type: float(variant), shape });
  };
  const rows = [batchOf(variant), tokens, width];
  // SDXL hears the last state but one: the others are wrong.
  give('last_hidden_state', xl ? 'off' : 'right', rows);
  if (xl && second) give('text_embeds', 'pooled', [batchOf(variant), width]);
  if (!xl) give('pooler_output', 'pooled', [batchOf(variant), width]);
  if (xl) for (const index of [0, 1, 2]) give(`hidden_states.${index}`, index === 1 ? 'right' : 'off', rows);
  return {
    name: 'text-encoder',
    nodes,
    initializers: [constant('table', [pieces.length, width], table(second)), constant('wrong', [], [7]), whole('tokens', [1])],
    inputs: [{ name: 'input_ids', type: variant.legacy === true ? 'int32' : 'int64', shape: [batchOf(variant), tokens] }],
    outputs,
  };
}

function alphas(): Float32Array {
  const [from, to] = [Math.sqrt(0.000_85), Math.sqrt(0.012)];
  let product = 1;
  return Float32Array.from({ length: 1000 }, (_, step) => {
    product *= 1 - (from + ((to - from) * step) / 999) ** 2;
    return product;
  });
}

/** As the paper has it: sines, then cosines of the guidance less one, times 1000. */
function guidanceNumbers(guidance: number): number[] {
  const angles = Array.from({ length: 128 }, (_, index) => ((guidance - 1) * 1000) / 10_000 ** (index / 127));
  return [...angles.map(Math.sin), ...angles.map(Math.cos)];
}

/** From the hidden states to a colour of four latent channels: the words of both encoders count half each. */
function wordWeights(scale: number, xl: boolean): Float32Array {
  const rows = xl ? 2 * width : width;
  const weights = new Float32Array(rows * 4);
  for (let row = 0; row < rows; row += 1) {
    const colour = row % width;
    if (colour < 3) weights[row * 4 + colour] = xl ? scale / 2 : scale;
  }
  return weights;
}

/** The steps of the picture, as many as there are latents. */
const stretchedRamp: readonly OnnxNode[] = [
  { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
  { op: 'Slice', inputs: ['shape', 'two', 'four'], outputs: ['shape.size'] },
  { op: 'Concat', inputs: ['ones', 'shape.size'], outputs: ['ramp.size'], attributes: { axis: { int: 0 } } },
  {
    op: 'Resize',
    inputs: ['ramp', '', '', 'ramp.size'],
    outputs: ['ramp.fitting'],
    attributes: { mode: { text: 'nearest' }, coordinate_transformation_mode: { text: 'asymmetric' }, nearest_mode: { text: 'floor' } },
  },
];

function unet(variant: OracleVariant, scale: number, xl: boolean): OnnxGraph {
  const type = float(variant);
  const latents = variant.bound === true ? [2, 4, side, side] : ['batch', 4, 'height', 'width'];
  const inputs: OnnxValue[] = [
    { name: 'sample', type, shape: latents },
    { name: 'timestep', type: variant.legacy === true ? 'float32' : 'int64', shape: variant.legacy === true ? ['batch'] : [] },
    { name: 'encoder_hidden_states', type, shape: [batchOf(variant), tokens, xl ? 2 * width : width] },
  ];
  const initializers: OnnxTensor[] = [
    constant('alphas', [1000], alphas()),
    constant('one', [], [1]),
    constant(
      'ramp',
      [1, 1, side, side],
      Array.from({ length: side * side }, (_, at) => (at % side) / (side - 1)),
    ),
    constant('weights', [xl ? 2 * width : width, 4], wordWeights(scale, xl)),
    whole('each', [-1, 1, 1, 1]),
    whole('colours', [-1, 4, 1, 1]),
    whole('tokens', [1]),
    ...(variant.anySize === true ? [whole('two', [2]), whole('four', [4]), whole('ones', [1, 1])] : []),
  ];
  const float32 = { to: { int: 1 } };
  const nodes: OnnxNode[] = [
    { op: 'Cast', inputs: ['sample'], outputs: ['x'], attributes: float32 },
    { op: 'Cast', inputs: ['encoder_hidden_states'], outputs: ['heard'], attributes: float32 },
    { op: 'Cast', inputs: ['timestep'], outputs: ['step'], attributes: { to: { int: 7 } } },
    { op: 'Gather', inputs: ['alphas', 'step'], outputs: ['alpha1'] },
    { op: 'Reshape', inputs: ['alpha1', 'each'], outputs: ['alpha'] },
    { op: 'Sqrt', inputs: ['alpha'], outputs: ['signal'] },
    { op: 'Sub', inputs: ['one', 'alpha'], outputs: ['rest'] },
    { op: 'Sqrt', inputs: ['rest'], outputs: ['noisy'] },
    { op: 'ReduceSum', inputs: ['heard', 'tokens'], outputs: ['summed'], attributes: { keepdims: { int: 0 } } },
    { op: 'MatMul', inputs: ['summed', 'weights'], outputs: ['colour'] },
    { op: 'Reshape', inputs: ['colour', 'colours'], outputs: ['colour4'] },
    ...(variant.anySize === true ? stretchedRamp : [{ op: 'Identity', inputs: ['ramp'], outputs: ['ramp.fitting'] }]),
    { op: 'Mul', inputs: ['colour4', 'ramp.fitting'], outputs: ['picture0'] },
  ];
  let picture = 'picture0';
  /** What differs from what is expected spoils the picture. */
  const expect = (input: OnnxValue, expected: readonly number[]): void => {
    const { name } = input;
    inputs.push(input);
    initializers.push(constant(`${name}.expected`, [1, expected.length], expected));
    nodes.push(
      { op: 'Cast', inputs: [name], outputs: [`${name}.given`], attributes: float32 },
      { op: 'Sub', inputs: [`${name}.given`, `${name}.expected`], outputs: [`${name}.difference`] },
      { op: 'Abs', inputs: [`${name}.difference`], outputs: [`${name}.off`] },
      { op: 'ReduceSum', inputs: [`${name}.off`, 'tokens'], outputs: [`${name}.sum`], attributes: { keepdims: { int: 0 } } },
      { op: 'Reshape', inputs: [`${name}.sum`, 'each'], outputs: [`${name}.each`] },
      { op: 'Add', inputs: [picture, `${name}.each`], outputs: [`${name}.picture`] },
    );
    picture = `${name}.picture`;
  };
  if (xl) expect({ name: 'time_ids', type, shape: [batchOf(variant), 6] }, [64, 64, 0, 0, 64, 64]);
  if (variant.toldGuidance !== undefined)
    expect({ name: 'timestep_cond', type, shape: [batchOf(variant), 256] }, guidanceNumbers(variant.toldGuidance));
  if (xl) {
    // The end mark of the second encoder, pooled: exactly once, or nothing at all in silence.
    inputs.push({ name: 'text_embeds', type, shape: [batchOf(variant), width] });
    initializers.push(constant('half', [], [endMark]), constant('mark', [width, 1], [0, 0, 0, 1]));
    nodes.push(
      { op: 'Cast', inputs: ['text_embeds'], outputs: ['embeds'], attributes: float32 },
      { op: 'MatMul', inputs: ['embeds', 'mark'], outputs: ['marks'] },
      { op: 'Sub', inputs: ['marks', 'half'], outputs: ['marks.off'] },
      { op: 'Mul', inputs: ['marks', 'marks.off'], outputs: ['marks.wrong'] },
      { op: 'Reshape', inputs: ['marks.wrong', 'each'], outputs: ['marks.each'] },
      { op: 'Add', inputs: [picture, 'marks.each'], outputs: ['marks.picture'] },
    );
    picture = 'marks.picture';
  }
  nodes.push(
    { op: 'Mul', inputs: ['signal', picture], outputs: ['shown'] },
    { op: 'Sub', inputs: ['x', 'shown'], outputs: ['left'] },
    { op: 'Div', inputs: ['left', 'noisy'], outputs: ['epsilon'] },
    { op: 'Mul', inputs: ['signal', 'epsilon'], outputs: ['v1'] },
    { op: 'Mul', inputs: ['noisy', picture], outputs: ['v2'] },
    { op: 'Sub', inputs: ['v1', 'v2'], outputs: ['velocity'] },
    { op: 'Sub', inputs: ['x', 'x'], outputs: ['nothing'] },
    {
      op: 'Cast',
      inputs: [variant.blind === true ? 'nothing' : variant.prediction === 'v_prediction' ? 'velocity' : 'epsilon'],
      outputs: ['out_sample'],
      attributes: castTo(variant),
    },
  );
  return { name: 'unet', nodes, initializers, inputs, outputs: [{ name: 'out_sample', type, shape: latents }] };
}

function vaeDecoder(variant: OracleVariant): OnnxGraph {
  return {
    name: 'vae-decoder',
    nodes: [
      { op: 'Cast', inputs: ['latent_sample'], outputs: ['x'], attributes: { to: { int: 1 } } },
      {
        op: 'Resize',
        inputs: ['x', '', 'eight'],
        outputs: ['large'],
        attributes: { mode: { text: 'nearest' }, coordinate_transformation_mode: { text: 'asymmetric' }, nearest_mode: { text: 'floor' } },
      },
      { op: 'Conv', inputs: ['large', 'kernel'], outputs: ['colours'] },
      { op: 'Cast', inputs: ['colours'], outputs: ['sample'], attributes: castTo(variant) },
    ],
    initializers: [constant('eight', [4], [1, 1, 8, 8]), constant('kernel', [3, 4, 1, 1], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])],
    inputs: [{ name: 'latent_sample', type: float(variant), shape: ['batch', 4, 'height', 'width'] }],
    outputs: [{ name: 'sample', type: float(variant), shape: ['batch', 3, 'tall', 'wide'] }],
  };
}

function vaeEncoder(variant: OracleVariant): OnnxGraph {
  const channels = variant.plainEncoder === true ? 4 : 8;
  const kernel = new Float32Array(channels * 3);
  for (let colour = 0; colour < 3; colour += 1) kernel[colour * 3 + colour] = 1;
  // The logarithm of a spread of nearly nothing.
  const bias = Array.from({ length: channels }, (_, channel) => (channel < 4 ? 0 : -30));
  const name = variant.plainEncoder === true ? 'latent_sample' : 'latent_parameters';
  return {
    name: 'vae-encoder',
    nodes: [
      { op: 'Cast', inputs: ['sample'], outputs: ['x'], attributes: { to: { int: 1 } } },
      { op: 'AveragePool', inputs: ['x'], outputs: ['small'], attributes: { kernel_shape: { ints: [8, 8] }, strides: { ints: [8, 8] } } },
      { op: 'Conv', inputs: ['small', 'kernel', 'bias'], outputs: ['latents'] },
      { op: 'Cast', inputs: ['latents'], outputs: [name], attributes: castTo(variant) },
    ],
    initializers: [constant('kernel', [channels, 3, 1, 1], kernel), constant('bias', [channels], bias)],
    inputs: [{ name: 'sample', type: float(variant), shape: ['batch', 3, 'tall', 'wide'] }],
    outputs: [{ name, type: float(variant), shape: ['batch', channels, 'height', 'width'] }],
  };
}
