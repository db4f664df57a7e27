import type { ModelManifest, Words } from '#core';

export type NetworkMode = 'denoise' | 'deblur' | 'lowlight';

/** The network of each mode. */
export const networkOf: Readonly<Record<NetworkMode, string>> = {
  denoise: 'maxim-denoising',
  deblur: 'maxim-deblurring',
  lowlight: 'maxim-enhancement',
};

/** The networks are converted for this side; MAXIM looks at a whole tile at once, so another side would be another network. */
export const networkSide = 256;

interface Package {
  readonly mode: NetworkMode;
  readonly title: Words;
  readonly integrity: string;
  readonly downloadSize: number;
  /** Of the converted graph: the converter gives the same bytes each time. */
  readonly size: number;
  readonly sha256: string;
}

const packages: readonly Package[] = [
  {
    mode: 'denoise',
    title: { en: 'MAXIM, noise', fa: 'MAXIM، نویز', ar: 'MAXIM للتشويش' },
    integrity: 'sha512-5dPkqYC1b9C8O+7trTjnB/mXf/N7jxI69B2tT97sqPclYQ5cWThAifn7KHXyzyyLeUfuM4lxqbPS/qMMr6p0eA==',
    downloadSize: 83_029_800,
    size: 95_302_306,
    sha256: '93a73fbe57c7223dca58a26886723c50b13bec4873908b0dc3ccdc34c38322eb',
  },
  {
    mode: 'deblur',
    title: { en: 'MAXIM, blur', fa: 'MAXIM، تاری', ar: 'MAXIM للضبابية' },
    integrity: 'sha512-tq9AP/6E3vVAkPcYDlSNop1lax0KT6wcxZQ5z01OcD/CVbQOPrNJLZOWv56lDncOQ+eXlJzgNqL+/h8Oogi9mw==',
    downloadSize: 83_613_744,
    size: 95_302_307,
    sha256: '61029e107a344075f962c4d9a469dc1cb79d42d6d31a181cd734675b838af2a9',
  },
  {
    mode: 'lowlight',
    title: { en: 'MAXIM, low light', fa: 'MAXIM، نور کم', ar: 'MAXIM للإضاءة الخافتة' },
    integrity: 'sha512-z36ih4TfMMnX/CaMkXYxpAg8Z3IOtYJMX3Z5zdE5dUe392JTAoa3k4AIHEZmHJ/7SY/4NPTA7+go1Soz4q5cQA==',
    downloadSize: 53_844_881,
    size: 60_963_606,
    sha256: 'd4213410bed8b1210be648ade086427c77615b41c51d26786c50d7ea0052735d',
  },
];

export const restoreModels: readonly ModelManifest[] = packages.map(({ mode, title, integrity, downloadSize, size, sha256 }) => ({
  name: networkOf[mode],
  version: '0.1.0',
  title,
  source: {
    kind: 'npm',
    package: `@upscalerjs/${networkOf[mode]}`,
    version: '0.1.0',
    integrity,
    downloadSize,
    convert: { from: 'tfjs-graph', model: 'models/model.json', pixels: { range: 1 }, inputShape: [1, networkSide, networkSide, 3] },
  },
  files: [{ path: 'model.onnx', size, sha256 }],
  licence: { code: 'MIT', weights: 'Apache-2.0', holder: 'Google (MAXIM, Tu et al. 2022); packaged by Kevin Scott (UpscalerJS)' },
  memoryMb: 1300,
}));
