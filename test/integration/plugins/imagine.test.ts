import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Job } from '../../../src/protocol/index.ts';
import { oracleColours, oraclePixel, writeOracleModel } from '../../support/oracle-models.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let folder: string;
let app: TestApp;
let ada: Awaited<ReturnType<TestApp['signup']>>;
let asked = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jarvis-imagine-'));
  const dataDir = join(folder, 'data');
  // As an operator would: the folder lies elsewhere and is linked.
  writeOracleModel(join(folder, 'elsewhere'), {
    scheduler: { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'trailing' },
    anySize: true,
  });
  await mkdir(join(dataDir, 'models'), { recursive: true });
  await symlink(join(folder, 'elsewhere'), join(dataDir, 'models/sd-turbo'));
  app = await startTestApp({ pluginsFolder: 'plugins', dataDir, env: { INFERENCE_PROVIDERS: 'cpu', JOB_CONCURRENCY: '1' } });
  ada = await app.signup();
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

function imagine(...words: readonly string[]) {
  asked += 1;
  return ada.client.request({
    type: 'command.run',
    clientMessageId: `imagine-${asked}`,
    name: 'imagine',
    args: [...words],
    conversationId: null,
  });
}

async function ended(jobId: string): Promise<Job> {
  const { job } = await ada.client.waitFor(
    'job.updated',
    (frame) => frame.job.id === jobId && ['succeeded', 'failed', 'dead'].includes(frame.job.status),
  );
  return job;
}

const jobStarted = z.object({ data: z.object({ job: z.object({ id: z.string() }) }) });

describe('/imagine', () => {
  it('paints with the model that an operator brought, and gives the same picture again for the same seed without work', async () => {
    const answer = await imagine('red', 'width=128', 'height=64', 'seed=3', '--level', 'quick');
    expect(answer).toMatchObject({ type: 'notice', code: 'JOB_STARTED' });
    const { job: started } = jobStarted.parse(answer).data;
    const job = await ended(started.id);
    expect(job).toMatchObject({ status: 'succeeded', kind: 'imagine', level: 'quick', provider: 'cpu', text: '> red' });
    const [file] = job.files;
    expect(file).toMatchObject({ mime: 'image/png', width: 128, height: 64 });
    const response = await app.request(file?.url ?? '', { token: ada.token });
    const pixels = await sharp(Buffer.from(await response.arrayBuffer()))
      .removeAlpha()
      .raw()
      .toBuffer();
    for (const x of [0, 40, 127])
      for (const [channel, value] of oraclePixel(oracleColours.red, x, 128).entries())
        expect(Math.abs((pixels[(30 * 128 + x) * 3 + channel] ?? 0) - value)).toBeLessThanOrEqual(2);

    const body = { kind: 'imagine', level: 'quick', params: { prompt: 'red', width: 128, height: 64, seed: 3 } };
    const again = await app.request('/api/jobs', {
      method: 'POST',
      token: ada.token,
      body: JSON.stringify({ clientJobId: 'again', ...body }),
    });
    expect(await again.json()).toMatchObject({ job: { status: 'succeeded', cached: true, results: job.results } });
  });

  it('refuses at once, with every file to bring, for a model that is not there', async () => {
    const refusal = await imagine('red', 'model=sdxl');
    expect(refusal).toMatchObject({
      type: 'error',
      code: 'MODEL_MISSING',
      message: expect.stringContaining('DATA_DIR/models/sdxl/text_encoder_2/model.onnx'),
      params: { model: 'sdxl', fa: expect.stringContaining('DATA_DIR/models/sdxl/unet/model.onnx') },
    });
  });
});
