/** One 3x3 convolution that only copies each channel, doubled in size: as UpscalerJS ships its models. */
export function tinyLayersModel(): { model: string; weights: Buffer } {
  const kernel = new Float32Array(3 * 3 * 3 * 3);
  for (let channel = 0; channel < 3; channel++) kernel[(4 * 3 + channel) * 3 + channel] = 1;
  const layer = (name: string, kind: string, config: object, from: string | null) => ({
    class_name: kind,
    name,
    config: { name, ...config },
    inbound_nodes: from === null ? [] : [[[from, 0, 0, {}]]],
  });
  const layers = [
    layer('in', 'InputLayer', { batch_input_shape: [null, null, null, 3] }, null),
    layer('conv', 'Conv2D', { strides: [1, 1], dilation_rate: [1, 1], padding: 'same', activation: 'linear' }, 'in'),
    layer('up', 'UpSampling2D', { size: [2, 2], interpolation: 'nearest' }, 'conv'),
  ];
  const topology = { model_config: { config: { layers, output_layers: [['up', 0, 0]] } } };
  const manifest = [{ paths: ['weights.bin'], weights: [{ name: 'conv/kernel', shape: [3, 3, 3, 3], dtype: 'float32' }] }];
  return {
    model: JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest: manifest }),
    weights: Buffer.from(kernel.buffer),
  };
}
