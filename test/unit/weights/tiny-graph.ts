/** A frozen graph of TensorFlow with one of everything that the networks use, small enough to be read. Its sizes come out of `Shape`, as in MAXIM. */

interface Node {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, unknown>;
}

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const list = (...values: number[]) => ({ list: { i: values.map(String) } });
const float = { T: { type: 'DT_FLOAT' } };
const int = { T: { type: 'DT_INT32' } };

/** Values that are neither equal nor round. */
const waves = (count: number, seed: number) => Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + i * 1.7) * 0.6));

export function tinyGraph(): { model: string; weights: Buffer } {
  const nodes: Node[] = [];
  const weights: { name: string; shape: number[]; dtype: 'float32' | 'int32' }[] = [];
  const bytes: Buffer[] = [];
  const add = (op: string, name: string, input: string[], attr: Record<string, unknown> = {}) => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const constant = (name: string, shape: number[], values: Float32Array | Int32Array) => {
    const dtype = values instanceof Float32Array ? 'float32' : 'int32';
    weights.push({ name, shape, dtype });
    bytes.push(Buffer.from(values.buffer));
    return add('Const', name, [], { dtype: { type: dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32' } });
  };
  const ints = (name: string, ...values: number[]) => constant(name, [values.length], Int32Array.from(values));
  const one = (name: string, value: number) => constant(name, [], Int32Array.of(value));
  const scalar = (name: string, value: number) => constant(name, [], Float32Array.of(value));
  const windows = (padding: string, stride: number) => ({
    ...float,
    data_format: text('NHWC'),
    padding: text(padding),
    strides: list(1, stride, stride, 1),
    dilations: list(1, 1, 1, 1),
  });

  add('Placeholder', 'x', [], {
    dtype: { type: 'DT_FLOAT' },
    shape: { shape: { dim: [{ size: '-1' }, { size: '-1' }, { size: '-1' }, { size: '3' }] } },
  });
  add('Conv2D', 'conv', ['x', constant('k', [3, 3, 3, 4], waves(108, 1))], windows('SAME', 2));
  add('AddV2', 'biased', ['conv', constant('b', [4], waves(4, 2))], float);
  add('GreaterEqual', 'positive', ['biased', scalar('zero', 0)], float);
  add('Mul', 'leak', ['biased', scalar('tenth', 0.1)], float);
  add('SelectV2', 'leaky', ['positive', 'biased', 'leak'], float);
  add('DepthwiseConv2dNative', 'depthwise', ['leaky', constant('dk', [3, 3, 4, 1], waves(36, 3))], windows('SAME', 1));
  add('Relu6', 'six', ['depthwise'], float);
  add('Einsum', 'rows', ['six', constant('e', [2, 2], waves(4, 4))], { ...float, equation: text('abgd,gf->abfd') });
  add('Einsum', 'channels', ['rows', constant('f', [4, 4], waves(16, 5))], { ...float, equation: text('abcg,gf->abcf') });
  add('Einsum', 'first', [constant('g', [2, 3], waves(6, 6)), 'channels'], { ...float, equation: text('gb,agef->abef') });
  add('Shape', 'shape', ['channels'], { ...int, out_type: { type: 'DT_INT32' } });
  add('StridedSlice', 'height', ['shape', ints('s0', 1), ints('s1', 2), ints('s2', 1)], { ...int, shrink_axis_mask: { i: '1' } });
  add('Mul', 'twice', ['height', one('two', 2)], int);
  add('Pack', 'sizes', [one('n', 1), 'twice', one('w', 2), one('c', 4)], { N: { i: '4' }, ...int, axis: { i: '0' } });
  add('Conv2DBackpropInput', 'up', ['sizes', constant('uk', [2, 1, 4, 4], waves(32, 7)), 'channels'], {
    ...windows('VALID', 1),
    strides: list(1, 2, 1, 1),
  });
  add('ConcatV2', 'joined', ['up', 'first', one('axis', 1)], { N: { i: '2' }, ...float });
  add('Square', 'squares', ['joined'], float);
  add('Sum', 'sum', ['squares', ints('last', 3)], { ...float, keep_dims: { b: true } });
  add('AddV2', 'safe', ['sum', scalar('little', 0.01)], float);
  add('Rsqrt', 'norm', ['safe'], float);
  add('BroadcastTo', 'wide', ['norm', ints('whole', 1, 7, 2, 4)], float);
  add('Mul', 'normal', ['joined', 'wide'], float);
  add('Transpose', 'turned', ['normal', ints('order', 0, 2, 1, 3)], float);
  add('StridedSlice', 'cut', ['turned', ints('c0', 0, 0, 1, 0), ints('c1', 0, 0, 7, 4), ints('c2', 1, 1, 2, 1)], {
    ...float,
    begin_mask: { i: '3' },
    end_mask: { i: '3' },
  });
  add('Tanh', 'soft', ['cut'], float);
  add('ResizeBilinear', 'larger', ['soft', ints('size', 4, 6)], { ...float, half_pixel_centers: { b: true }, align_corners: { b: false } });
  add('AvgPool', 'y', ['larger'], { ...windows('VALID', 2), ksize: list(1, 2, 2, 1) });
  const signature = { inputs: { x: { name: 'x:0', dtype: 'DT_FLOAT' } }, outputs: { y: { name: 'y:0', dtype: 'DT_FLOAT' } } };
  const manifest = [{ paths: ['weights.bin'], weights }];
  return {
    model: JSON.stringify({ format: 'graph-model', signature, modelTopology: { node: nodes, versions: {} }, weightsManifest: manifest }),
    weights: Buffer.concat(bytes),
  };
}
