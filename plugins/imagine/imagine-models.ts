import type { ModelManifest } from '#core';
import { instructionsFor, neededFiles, titleOf } from './instructions.ts';
import { expectedKinds, type ModelName, modelNames } from './model-kinds.ts';

/** The licence as the model's own page states it; whoever brings the weights has to read and keep it. */
const licences: Readonly<Record<ModelName, { readonly weights: string; readonly holder: string }>> = {
  imagine: { weights: 'LicenseRef-as-the-model-states', holder: 'Whoever made the model that the operator brings' },
  'sd-turbo': { weights: 'LicenseRef-Stability-AI-Community', holder: 'Stability AI' },
  lcm: { weights: 'LicenseRef-as-the-model-states', holder: 'Whoever made the model that the operator brings' },
  'sdxl-turbo': { weights: 'LicenseRef-Stability-AI-Community', holder: 'Stability AI' },
  sd15: { weights: 'LicenseRef-CreativeML-OpenRAIL-M', holder: 'Robin Rombach, Patrick Esser and contributors' },
  sdxl: { weights: 'LicenseRef-CreativeML-OpenRAIL-plus-plus-M', holder: 'Stability AI' },
};

/** In fp32 at the size that the family was made for; estimated from the sizes of the networks. */
const memoryMb = { sd: 5600, sdxl: 15_600 } as const;

function manifestOf(name: ModelName): ModelManifest {
  const title =
    name === 'imagine' ? { en: 'Another model for pictures', fa: 'مدل تصویر دیگر', ar: 'نموذج صور آخر' } : { en: titleOf(name) };
  return {
    name,
    version: '1',
    title,
    source: { kind: 'operator', instructions: instructionsFor(name) },
    files: neededFiles(name).map((path) => ({ path, size: 0, sha256: '' })),
    graph: 'unet/model.onnx',
    licence: { code: 'LicenseRef-none', ...licences[name] },
    memoryMb: memoryMb[expectedKinds[name].family],
  };
}

/** The models that are looked for under DATA_DIR/models. */
export const imagineModels: readonly ModelManifest[] = modelNames.map(manifestOf);
