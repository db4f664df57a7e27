import type { ModelManifest } from '#core';

export const personModel = 'selfie-segmentation';

export const cutoutModels: readonly ModelManifest[] = [
  {
    name: personModel,
    version: '1.0.0',
    title: { en: 'MediaPipe Selfie Segmentation', fa: 'جداسازی سلفی MediaPipe', ar: 'فصل الأشخاص من MediaPipe' },
    source: { kind: 'plugin' },
    files: [{ path: 'weights/selfie.onnx', size: 442_100, sha256: 'a3e9e5a081ce5536c3dbf62e243e672521770f9e20d41937fcbef0a0138306fc' }],
    licence: { code: 'Apache-2.0', weights: 'Apache-2.0', holder: 'The MediaPipe Authors; packaged by Vladimir Mandic (MIT)' },
    memoryMb: 250,
  },
];
