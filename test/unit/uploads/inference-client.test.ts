import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createInferenceClient, type InferenceClient } from '../../../src/infrastructure/inference/inference-client.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { animation, flat, htmlPage, noise, photo, pngChunk, pngWithHeader, svgPicture } from '../../fixtures/images/make-images.ts';

const limits = { maxPixels: 40_000_000, maxSide: 12_000, maxFrames: 100 };
let directory: string;
let count = 0;
let shared: InferenceClient;
const opened: InferenceClient[] = [];

function start(options: Partial<Parameters<typeof createInferenceClient>[0]> = {}): InferenceClient {
  const client = createInferenceClient({ logger: silentLogger, clock: systemClock, ...options });
  opened.push(client);
  return client;
}

async function request(data: Uint8Array, own: Partial<typeof limits> = {}) {
  count += 1;
  const path = join(directory, `in-${count}`);
  const targetDirectory = join(directory, `out-${count}`);
  await writeFile(path, data);
  await mkdir(targetDirectory);
  return { path, targetDirectory, limits: { ...limits, ...own } };
}

async function prepare(data: Uint8Array, own: Partial<typeof limits> = {}) {
  return shared.prepareImage(await request(data, own));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-inference-'));
  shared = createInferenceClient({ logger: silentLogger, clock: systemClock });
});
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
});
afterAll(async () => {
  await shared.close();
  await rm(directory, { recursive: true });
});

describe('the picture codec in its child process', () => {
  it('makes an original, a picture for the model and a thumbnail', async () => {
    const result = await prepare(await flat(3000, 1500).jpeg().toBuffer());
    expect(result.original).toMatchObject({ mime: 'image/jpeg', width: 3000, height: 1500 });
    expect(result.model).toMatchObject({ mime: 'image/jpeg', width: 1536, height: 768 });
    expect(result.thumb).toMatchObject({ mime: 'image/webp', width: 512, height: 256 });
    expect((await readFile(result.original.path)).length).toBe(result.original.size);
  });

  it('keeps the 16 bit of a PNG in the original, and shows 8', async () => {
    const deep = sharp(
      Uint16Array.from({ length: 8 * 8 * 3 }, (_, index) => index * 331),
      { raw: { width: 8, height: 8, channels: 3 } },
    );
    const result = await prepare(await deep.toColourspace('rgb16').png().toBuffer());
    const depths = await Promise.all([result.original, result.thumb].map(async ({ path }) => (await sharp(path).metadata()).depth));
    expect(depths).toEqual(['ushort', 'uchar']);
  });

  it('never enlarges a small picture', async () => {
    const result = await prepare(await flat(30, 20).png().toBuffer());
    expect([result.original, result.model, result.thumb].map(({ width, height }) => [width, height])).toEqual(Array(3).fill([30, 20]));
  });

  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('keeps %s as it is', async (format) => {
    const result = await prepare(await flat(30, 20).toFormat(format).toBuffer());
    expect(result.original.mime).toBe(`image/${format}`);
  });

  it('sends transparency to the model as PNG and meaningless transparency as JPEG', async () => {
    const transparent = await prepare(await noise(40, 40, 4).png().toBuffer());
    expect(transparent.model.mime).toBe('image/png');
    const opaque = await prepare(await flat(40, 40).ensureAlpha().png().toBuffer());
    expect(opaque.model.mime).toBe('image/jpeg');
  });

  it('turns the picture upright and drops position, camera and thumbnail', async () => {
    const source = await photo(60, 40, 6);
    expect(source.includes('CanaryCam')).toBe(true);
    const result = await prepare(source);
    expect(result.original).toMatchObject({ width: 40, height: 60 });
    for (const { path } of Object.values(result)) {
      const stored = await readFile(path);
      expect(stored.includes('CanaryCam')).toBe(false);
      const metadata = await sharp(stored).metadata();
      expect([metadata.exif, metadata.xmp, metadata.iptc]).toEqual([undefined, undefined, undefined]);
    }
  });

  it.each(['gif', 'webp'] as const)('keeps the frames of an animated %s', async (format) => {
    const result = await prepare(await animation(12, format));
    expect(result.original).toMatchObject({ mime: `image/${format}`, width: 20, height: 20 });
    expect((await sharp(await readFile(result.original.path)).metadata()).pages).toBe(12);
    expect(result.model).toMatchObject({ width: 20, height: 20 });
  });

  it.each(['zTXt', 'iCCP'])('does not unpack 100 MB of %s, nor keep it', async (type) => {
    const small = await flat(30, 20).png().toBuffer();
    const bomb = pngChunk(type, Buffer.concat([Buffer.from('ICC\0\0'), deflateSync(Buffer.alloc(100_000_000))]));
    const client = start({ memoryLimit: 180 * 1024 * 1024 });
    const result = await client.prepareImage(await request(Buffer.concat([small.subarray(0, 33), bomb, small.subarray(33)])));
    expect(result.original.size).toBeLessThan(2000);
  });

  it('drops what follows the end of a PNG', async () => {
    const result = await prepare(Buffer.concat([await flat(30, 20).png().toBuffer(), htmlPage]));
    expect((await readFile(result.original.path)).includes('CANARY')).toBe(false);
  });

  it('lets nothing of a GIF that is also a script through', async () => {
    const script = Buffer.concat([Buffer.from('GIF89a/*'), await animation(2), Buffer.from('*/=1;alert("CANARY")')]);
    const outcome = await prepare(script).then(
      ({ original }) => readFile(original.path),
      (error: unknown) => error,
    );
    if (Buffer.isBuffer(outcome)) expect(outcome.includes('CANARY')).toBe(false);
    else expect(outcome).toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it.each([
    ['HTML', htmlPage],
    ['SVG', svgPicture],
    ['one byte', Buffer.from('x')],
    ['nothing', Buffer.alloc(0)],
    ['PDF', Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj')],
  ])('refuses %s, whatever its name', async (_name, data) => {
    await expect(prepare(data)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });

  it.each(['tiff', 'avif'] as const)('refuses %s though the library could read it', async (format) => {
    await expect(prepare(await flat(16, 16).toFormat(format).toBuffer())).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });

  it('calls a cut-off JPEG unreadable', async () => {
    const whole = await noise(400, 300).jpeg().toBuffer();
    await expect(prepare(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    await expect(prepare(whole.subarray(0, 10))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it('refuses a header of 16,000 x 16,000 pixels without decoding it', async () => {
    const side = pngWithHeader(16_000, 16_000, { width: 1, height: 1 });
    await expect(prepare(side)).rejects.toMatchObject({ code: 'TOO_LARGE', params: { width: 16_000, maxSide: 12_000 } });
    const pixels = pngWithHeader(11_000, 11_000, { width: 1, height: 1 });
    await expect(prepare(pixels)).rejects.toMatchObject({ code: 'TOO_LARGE', params: { maxPixels: 40_000_000 } });
  });

  it('is not fooled by a header that lies', async () => {
    await expect(prepare(pngWithHeader(6000, 6000, { width: 10, height: 10 }))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    const more = await prepare(pngWithHeader(100, 100, { width: 100, height: 9000 })).catch((error: unknown) => error);
    if (more instanceof Error) expect(more).toMatchObject({ code: 'IMAGE_UNREADABLE' });
    else expect(more).toMatchObject({ original: { width: 100, height: 100 } });
  });

  it('refuses an animation with too many frames or too many pixels in all', async () => {
    await expect(prepare(await animation(101))).rejects.toMatchObject({ code: 'TOO_LARGE', params: { frames: 101, maxFrames: 100 } });
    await expect(prepare(await animation(50), { maxPixels: 19_999 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('the inference client', () => {
  it('starts the host on first use and ends it when it has been idle', async () => {
    const timers: { ms: number; run: () => void }[] = [];
    const clock: Clock = {
      ...systemClock,
      after(ms, run) {
        const timer = { ms, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
      },
    };
    const client = start({ clock, idleMs: 1234 });
    expect(client.state()).toMatchObject({ status: 'stopped', starts: 0 });
    await client.prepareImage(await request(await flat(9, 9).png().toBuffer()));
    expect(client.state()).toMatchObject({ status: 'idle', starts: 1 });
    expect(timers.map(({ ms }) => ms)).toEqual([1234]);
    timers[0]?.run();
    expect(client.state().status).toBe('stopped');
    await client.prepareImage(await request(await flat(9, 9).png().toBuffer()));
    expect(client.state().starts).toBe(2);
  });

  it('does a job again in a new host when the host was killed in the middle of it', async () => {
    const client = start();
    const job = client.prepareImage(await request(await noise(3000, 3000).png().toBuffer()));
    const { pid } = client.state();
    if (pid === undefined) throw new Error('no host');
    process.kill(pid, 'SIGKILL');
    expect((await job).original.width).toBe(3000);
    expect(client.state()).toMatchObject({ starts: 2, crashes: 1 });
  });

  it('gives up on a picture that ends two hosts, and the next one works', async () => {
    const client = start();
    const next = await request(await flat(9, 9).png().toBuffer());
    const job = client.prepareImage(await request(await noise(2000, 2000).png().toBuffer()));
    const refused = expect(job).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    for (const starts of [1, 2]) {
      await expect.poll(() => client.state(), { interval: 1, timeout: 15_000 }).toMatchObject({ status: 'busy', starts });
      process.kill(client.state().pid ?? 0, 'SIGKILL');
    }
    await refused;
    expect((await client.prepareImage(next)).original.width).toBe(9);
  });

  it('does not blame the picture when the host never comes up', async () => {
    const client = start();
    const job = client.prepareImage(await request(await flat(9, 9).png().toBuffer()));
    const refused = expect(job).rejects.toMatchObject({ code: 'INTERNAL' });
    process.kill(client.state().pid ?? 0, 'SIGKILL');
    await expect.poll(() => client.state().starts, { interval: 1, timeout: 15_000 }).toBe(2);
    process.kill(client.state().pid ?? 0, 'SIGKILL');
    await refused;
  });

  it('kills a host that needs too long, refuses that picture and goes on with the next', async () => {
    const deadlines: (() => void)[] = [];
    const after: Clock['after'] = (ms, run) => {
      if (ms === 777) deadlines.push(run);
      return () => {};
    };
    const client = start({ timeoutMs: 777, clock: { ...systemClock, after } });
    const slow = client.prepareImage(await request(await noise(2000, 2000).png().toBuffer()));
    const next = client.prepareImage(await request(await flat(9, 9).png().toBuffer()));
    const refused = expect(slow).rejects.toMatchObject({ code: 'TOO_LARGE' });
    deadlines[0]?.();
    await refused;
    expect((await next).original.width).toBe(9);
    expect(client.state().starts).toBe(2);
  });

  it('ends a host that takes more memory than it may', async () => {
    const client = start({ memoryLimit: 100 * 1024 * 1024 });
    const big = await flat(6000, 6000).rotate(90).png().toBuffer();
    await expect(client.prepareImage(await request(big))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(client.state().crashes).toBe(1);
  });

  it('replaces a host after its share of jobs', async () => {
    const client = start({ recycleAfter: 2 });
    const data = await flat(9, 9).png().toBuffer();
    for (let index = 0; index < 3; index += 1) await client.prepareImage(await request(data));
    expect(client.state()).toMatchObject({ starts: 2, crashes: 0 });
  });

  it('kills the job that is aborted and leaves the others alone', async () => {
    const client = start();
    const stop = new AbortController();
    const slow = client.prepareImage(await request(await noise(3000, 3000).png().toBuffer()), stop.signal);
    const waitingStop = new AbortController();
    const waiting = client.prepareImage(await request(await flat(9, 9).png().toBuffer()), waitingStop.signal);
    const last = client.prepareImage(await request(await flat(9, 9).png().toBuffer()));
    const refusals = [expect(slow).rejects.toThrow('enough'), expect(waiting).rejects.toThrow('enough too')];
    waitingStop.abort(new Error('enough too'));
    stop.abort(new Error('enough'));
    await Promise.all(refusals);
    expect((await last).original.width).toBe(9);
  });

  it('refuses more work than may wait, and says when to come back', async () => {
    const client = start({ maxWaiting: 2 });
    const data = await flat(9, 9).png().toBuffer();
    const requests = await Promise.all(Array.from({ length: 4 }, () => request(data)));
    const results = await Promise.allSettled(requests.map((each) => client.prepareImage(each)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(results[3]).toMatchObject({ reason: { code: 'OVERLOADED', retryAfter: 5 } });
  });

  it('refuses what runs and waits when it is closed', async () => {
    const client = start();
    const data = await flat(9, 9).png().toBuffer();
    const jobs = [client.prepareImage(await request(data)), client.prepareImage(await request(data))];
    const refused = jobs.map((job) => expect(job).rejects.toMatchObject({ code: 'DRAINING' }));
    await client.close();
    await Promise.all(refused);
    await expect(client.prepareImage(await request(data))).rejects.toMatchObject({ code: 'DRAINING' });
  });
});
