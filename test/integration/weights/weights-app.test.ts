import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WeightsInfo } from '../../../src/protocol/index.ts';
import { type FakeRegistry, fakePackage, startFakeRegistry } from '../../support/fake-registry.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const contents = 'weights';
const sha256 = createHash('sha256').update(contents).digest('hex');

let root: string;
let registry: FakeRegistry;
let app: TestApp;
let admin: Awaited<ReturnType<TestApp['signup']>>;
/** Sends the package that waits. */
let release = () => {};
let waiting: Promise<void>;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'argus-plugins-'));
  const made = await fakePackage('@weights/small', '1.0.0', [{ name: 'package/model.onnx', content: contents }]);
  registry = await startFakeRegistry([made]);
  let tell = () => {};
  waiting = new Promise((resolve) => {
    tell = resolve;
  });
  registry.send = (response, bytes) => {
    release = () => void response.end(bytes);
    tell();
  };
  const model = (name: string, source: object) => ({
    name,
    version: '1.0.0',
    title: { en: name },
    source,
    files: [{ path: 'model.onnx', size: contents.length, sha256 }],
    licence: { code: 'MIT', weights: 'MIT', holder: 'Nobody' },
    memoryMb: 100,
  });
  const npm = { kind: 'npm', package: made.name, version: made.version, integrity: made.integrity, downloadSize: made.bytes.length };
  const definition = {
    name: 'small',
    version: '1.0.0',
    apiVersion: 1,
    title: { en: 'Small' },
    description: { en: 'Has weights.' },
    models: [model('small-weights', npm), model('own-weights', { kind: 'operator', instructions: { en: 'Put model.onnx there.' } })],
  };
  const folder = path.join(root, 'plugins/small');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(root, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'plugin.js'), `export default { ...${JSON.stringify(definition)}, setup: () => ({}) };`);
  const env = {
    MODELS: 'small-weights,no-such',
    npm_config_registry: registry.url,
    npm_config_fetch_retries: '0',
    PATH: process.env['PATH'] ?? '',
  };
  app = await startTestApp({ pluginsFolder: path.join(root, 'plugins'), env });
  admin = await app.signup('Admin');
});

afterAll(async () => {
  await app.close();
  await registry.close();
  await rm(root, { recursive: true, force: true });
});

async function ask(
  method: string,
  name = '',
): Promise<{ status: number; body: { items?: WeightsInfo[]; weights?: WeightsInfo; error?: { code: string } } }> {
  const response = await app.request(`/api/admin/weights${name}`, { method, token: admin.token });
  return { status: response.status, body: (await response.json()) as { items: WeightsInfo[] } };
}

describe('the weights of a server', () => {
  it('are installed at the start where MODELS names them, seen by the administrator, and twice at once is once', async () => {
    await waiting;
    const { body } = await ask('GET');
    expect(body.items).toMatchObject([
      { name: 'small-weights', plugin: 'small', state: 'installing', licence: { weights: 'MIT' } },
      { name: 'own-weights', state: 'operator', instructions: { en: 'Put model.onnx there.' } },
    ]);
    const ready = await app.request('/readyz', { token: admin.token });
    const { reasons } = (await ready.json()) as { reasons: string[] };
    expect(reasons).toContain('The weights small-weights are being installed.');
    expect(reasons.join()).toContain('MODELS names no-such');
    expect((await ask('POST', '/small-weights')).status).toBe(202);
    const told = admin.client.waitFor('weights.updated', (frame) => frame.weights.state === 'installed');
    const usable = admin.client.waitFor('plugins.updated');
    release();
    await Promise.all([told, usable]);
    expect(registry.downloads()).toBe(1);
    expect((await ask('GET')).body.items?.[0]).toMatchObject({ state: 'installed', size: contents.length });
  });

  it('are found where an operator put them, and cannot be installed or removed by a click', async () => {
    const folder = path.join(app.dataDir, 'models/own-weights');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'model.onnx'), 'brought');
    expect((await ask('GET')).body.items?.[1]).toMatchObject({ state: 'installed', size: 7 });
    expect(await ask('DELETE', '/own-weights')).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } });
    expect(await ask('POST', '/nothing')).toMatchObject({ status: 404 });
  });

  it('are removed with everything that they took', async () => {
    expect(await ask('DELETE', '/small-weights')).toMatchObject({ status: 200, body: { weights: { state: 'missing' } } });
    expect(await readdir(path.join(app.dataDir, 'models'))).toEqual(['.packages', 'own-weights']);
  });
});
