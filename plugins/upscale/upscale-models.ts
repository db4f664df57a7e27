import type { ModelManifest } from '#core';

export const scales = ['2', '3', '4', '8'] as const;
export type Scale = (typeof scales)[number];

/** The small network: made from files of this folder, always there. Doubles only. */
export const draftModel = 'esrgan-slim-2x';

/** The large network of a scale. */
export function networkModel(scale: Scale): string {
  return `esrgan-thick-${scale}x`;
}

const persianDigits: Readonly<Record<Scale, string>> = { 2: '۲', 3: '۳', 4: '۴', 8: '۸' };

const holder = 'Kevin Scott (UpscalerJS), trained on DIV2K';

/** Size and SHA-256 of the converted graphs: the converter gives the same bytes each time. */
const thickFiles: Readonly<Record<Scale, { readonly size: number; readonly sha256: string }>> = {
  2: { size: 28_998_332, sha256: '1f1eb514f0052c0a162eb5112144bc3b2297b7e0a984f3057aaf33ca1181ce5a' },
  3: { size: 29_032_952, sha256: '48e6029e248dc30e29161b201786f65c7f73b1c72797ffe31f9ac0da440f5234' },
  4: { size: 29_081_422, sha256: '634bd071a5c511efd4ba23bb98948142e65667fe63f08e58c1a84b478da94eaa' },
  8: { size: 29_413_776, sha256: '85f1375b526d4ed5fa79b6fc7db6a4dacc976995ded4c5e9e6912b2177126b2d' },
};

export const upscaleModels: readonly ModelManifest[] = [
  {
    name: draftModel,
    version: '1.0.0',
    title: { en: 'ESRGAN slim, 2×', fa: 'ESRGAN سبک، ۲ برابر', ar: 'ESRGAN الخفيف، ×2' },
    source: { kind: 'plugin' },
    files: [
      { path: 'weights/esrgan-slim-2x.onnx', size: 891_020, sha256: '540d96f6b327bff66bb73d1e9bc1612d8d7868c6f4a096f1fb6383cfba10c54f' },
    ],
    licence: { code: 'MIT', weights: 'MIT', holder },
    memoryMb: 210,
  },
  ...scales.map((scale): ModelManifest => {
    const fileOf = thickFiles[scale];
    return {
      name: networkModel(scale),
      version: '1.0.0',
      title: { en: `ESRGAN thick, ${scale}×`, fa: `ESRGAN کامل، ${persianDigits[scale]} برابر`, ar: `ESRGAN الكامل، ×${scale}` },
      source: {
        kind: 'npm',
        package: '@upscalerjs/esrgan-thick',
        version: '1.0.0',
        integrity: 'sha512-Xt7LAEa1WYVdU8teye1A2J3T2ylb3ihlU/x01x1ieM7zZh5FzTll6fwmeUC82mkztWloGZM65KdSEWOmhlXOdw==',
        downloadSize: 110_294_929,
        convert: { from: 'tfjs-layers', model: `models/x${scale}/model.json`, pixels: { range: 1 } },
      },
      files: [{ path: 'model.onnx', ...fileOf }],
      licence: { code: 'MIT', weights: 'MIT', holder },
      memoryMb: scale === '8' ? 450 : 340,
    };
  }),
];
