import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { convertModel } from '../../../src/infrastructure/weights/convert-model.ts';
import { createModelStore } from '../../../src/infrastructure/weights/model-store.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { InstallOrder } from '../../../src/services/weights/weights-ports.ts';
import { type FakePackage, type FakeRegistry, fakePackage, startFakeRegistry } from '../../support/fake-registry.ts';
import { tinyLayersModel } from '../../unit/weights/tiny-model.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const contents = 'the weights of a small model';
const plain = [
  { name: 'package/package.json', content: '{}' },
  { name: 'package/LICENSE', content: 'MIT' },
  { name: 'package/model.onnx', content: contents },
  { name: 'package/not-needed.bin', content: 'x' },
];

let root: string;
let registry: FakeRegistry;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'argus-weights-'));
});

afterEach(async () => {
  await registry.close();
  await rm(root, { recursive: true, force: true });
});

const models = () => path.join(root, 'models');
const left = async () => (await readdir(models()).catch(() => [])).filter((name) => name !== '.packages');

function storeWith(freeBytes?: () => Promise<number>) {
  const environment = { npm_config_registry: registry.url, npm_config_fetch_retries: '0', HOME: root, PATH: process.env['PATH'] ?? '' };
  return createModelStore({ root: models(), environment, clock: systemClock, ...(freeBytes === undefined ? {} : { freeBytes }) });
}

function orderFor(made: FakePackage, changes: Partial<InstallOrder> = {}): InstallOrder {
  const files = [{ path: 'model.onnx', size: contents.length, sha256: sha256(contents) }];
  const { name, version, integrity, bytes } = made;
  return { name: 'small', package: name, version, integrity, downloadSize: bytes.length, files, ...changes };
}

function install(
  order: InstallOrder,
  { signal = new AbortController().signal, freeBytes = undefined as (() => Promise<number>) | undefined } = {},
) {
  const progress: (number | null)[] = [];
  const done = storeWith(freeBytes).install(order, { signal, onProgress: (percent) => progress.push(percent) });
  return { progress, done };
}

describe('weights from the registry', () => {
  it('are fetched with progress, checked, and lie complete in their folder with their licence', async () => {
    const made = await fakePackage('@weights/small', '1.0.0', plain);
    registry = await startFakeRegistry([made]);
    const { done, progress } = install(orderFor(made));
    await done;
    expect(await readFile(path.join(models(), 'small/model.onnx'), 'utf8')).toBe(contents);
    expect((await readdir(path.join(models(), 'small'))).sort()).toEqual(['.installed.json', 'LICENSE', 'model.onnx']);
    expect(progress.at(-1)).toBe(100);
    expect(progress).toEqual([...progress].sort((one, other) => Number(one) - Number(other)));
    expect(await left()).toEqual(['small']);
    // A second model of the same package is not fetched again.
    await install(orderFor(made, { name: 'other' })).done;
    expect(registry.downloads()).toBe(1);
  });

  it('are converted in a process of their own, to the same bytes each time', async () => {
    const { model, weights } = tinyLayersModel();
    const made = await fakePackage('tiny', '2.0.0', [
      { name: 'package/models/x2/model.json', content: model },
      { name: 'package/models/x2/weights.bin', content: weights },
    ]);
    registry = await startFakeRegistry([made]);
    const convert = { from: 'tfjs-layers' as const, model: 'models/x2/model.json', pixels: { range: 255 as const } };
    const file = { path: 'model.onnx', size: 1055, sha256: '?' };
    await expect(install(orderFor(made, { convert, files: [file] })).done).rejects.toThrow(
      'the file model.onnx is not as the manifest says',
    );
    const folder = path.join(root, 'by-hand');
    await mkdir(folder);
    await writeFile(path.join(folder, 'model.json'), model);
    await writeFile(path.join(folder, 'weights.bin'), weights);
    const bytes = Buffer.from(await convertModel('small', folder, { ...convert, model: 'model.json' }));
    await install(orderFor(made, { convert, files: [{ path: 'model.onnx', size: bytes.length, sha256: sha256(bytes) }] })).done;
    expect((await readFile(path.join(models(), 'small/model.onnx'))).equals(bytes)).toBe(true);
  });

  it.each([
    ['a path that leads out', { name: 'package/../../outside.txt', content: 'x' }, 'leads out of its folder'],
    ['an absolute path', { name: '/outside.txt', content: 'x' }, 'leads out of its folder'],
    ['a link', { name: 'package/model.onnx', type: 'symlink' as const, linkname: '/etc/passwd' }, 'neither a file nor a folder'],
    ['a hard link', { name: 'package/model.onnx', type: 'link' as const, linkname: 'package/LICENSE' }, 'neither a file nor a folder'],
  ])('are refused when the package holds %s', async (_what, entry, reason) => {
    const made = await fakePackage('@weights/wicked', '1.0.0', [...plain.slice(0, 2), entry]);
    registry = await startFakeRegistry([made]);
    await expect(install(orderFor(made)).done).rejects.toThrow(reason);
    expect(await left()).toEqual([]);
    expect(await readdir(root)).not.toContain('outside.txt');
  });

  it('are refused when the registry has another package, or sends other bytes, than the manifest names', async () => {
    const made = await fakePackage('@weights/small', '1.0.0', plain);
    const other = await fakePackage('@weights/small', '1.0.0', [...plain, { name: 'package/more', content: 'y' }]);
    registry = await startFakeRegistry([other]);
    await expect(install(orderFor(made)).done).rejects.toThrow('another package under this version');
    await registry.close();
    registry = await startFakeRegistry([made]);
    registry.send = (response, bytes) => void response.end(Buffer.alloc(bytes.length));
    await expect(install(orderFor(made)).done).rejects.toThrow();
    expect(await left()).toEqual([]);
  });

  it('leave nothing when the line is cut, when somebody stops it, or when the disk is too full', async () => {
    const made = await fakePackage('@weights/small', '1.0.0', plain);
    registry = await startFakeRegistry([made]);
    registry.send = (response, bytes) => {
      response.write(bytes.subarray(0, 50), () => response.destroy());
    };
    await expect(install(orderFor(made)).done).rejects.toThrow();
    expect(await left()).toEqual([]);

    const stop = new AbortController();
    registry.send = (response, bytes) => {
      response.write(bytes.subarray(0, 50), () => stop.abort(new Error('stopped')));
    };
    await expect(install(orderFor(made), { signal: stop.signal }).done).rejects.toThrow();
    expect(await left()).toEqual([]);

    await expect(install(orderFor(made), { freeBytes: () => Promise.resolve(1000) }).done).rejects.toThrow('the disk is too full');
    expect(await left()).toEqual([]);
  });
});
