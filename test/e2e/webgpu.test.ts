import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInferenceClient } from '../../src/infrastructure/inference/inference-client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { browserFolder } from '../support/browser.ts';

const folderUrl = new URL('../../plugins/upscale/', import.meta.url);
const folder = fileURLToPath(folderUrl);
/** Of 255. Both compute in 32 bit floats and differ by the order of sums, so a value may be rounded the other way. */
const tolerance = 1;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-webgpu-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Enlarges a part of a photograph of 16 x 16 pixels: in software one tile of that size takes seconds, a usual one minutes. */
async function enlarge(providers: readonly ('webgpu' | 'cpu')[], environment: Readonly<Record<string, string>>) {
  const client = createInferenceClient({ logger: silentLogger, clock: systemClock, providers, environment });
  try {
    const models = [{ name: 'esrgan-slim-2x', folder, graph: 'weights/esrgan-slim-2x.onnx' }];
    client.configure([{ name: 'upscale', version: '1', moduleUrl: new URL('plugin.ts', folderUrl).href, folder, config: {}, models }]);
    const input = join(directory, 'part.png');
    await sharp(join(folder, 'sample.jpg')).extract({ left: 40, top: 40, width: 16, height: 16 }).png().toFile(input);
    const targetDirectory = await mkdtemp(join(directory, 'out-'));
    const { provider, pictures } = await client.run(
      {
        ...{ jobId: 'job', plugin: 'upscale', kind: 'upscale', params: { scale: '2', method: 'draft' }, level: 'quick', inputs: [input] },
        ...{
          pictures: [{ width: 16, height: 16 }],
          targetDirectory,
          granted: { memoryMb: 2000, gpuMemoryMb: 0, cpuThreads: 2 },
          maxPixels: 10_000,
          timeoutMs: 50_000,
          stallMs: 50_000,
        },
      },
      { signal: new AbortController().signal, onStart() {}, onProgress() {}, onPreview() {} },
    );
    const pixels = await sharp(await readFile(pictures[0]?.original.path ?? ''))
      .raw()
      .toBuffer();
    return { provider, pixels, seen: client.state().providers };
  } finally {
    await client.close();
  }
}

describe('WebGPU', () => {
  it('gives in software the picture that the processor gives', async () => {
    const vulkan = await browserFolder();
    const environment = { LD_LIBRARY_PATH: vulkan, VK_ICD_FILENAMES: join(vulkan, 'vk_swiftshader_icd.json') };
    const [onWebgpu, onCpu] = [await enlarge(['webgpu', 'cpu'], environment), await enlarge(['cpu'], {})];
    expect([onWebgpu.provider, onCpu.provider]).toEqual(['webgpu', 'cpu']);
    expect(onWebgpu.pixels.length).toBe(32 * 32 * 3);
    const differences = onWebgpu.pixels.map((value, index) => Math.abs(value - (onCpu.pixels[index] ?? 0)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
  });

  it('is left for the processor where there is no graphics library, and says so', async () => {
    const { provider, seen } = await enlarge(['webgpu', 'cpu'], {
      LD_LIBRARY_PATH: directory,
      VK_ICD_FILENAMES: join(directory, 'none.json'),
    });
    expect(provider).toBe('cpu');
    expect(seen).toMatchObject([{ plugin: 'upscale', provider: 'cpu', reason: expect.stringMatching(/^webgpu: .{10}/) }]);
  });
});
