import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/core/index.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { Weights } from '../../../src/services/weights/weights.ts';
import type { ModelStore } from '../../../src/services/weights/weights-ports.ts';

const npm = { kind: 'npm', package: 'p', version: '1.0.0', integrity: 'sha512-x', downloadSize: 5 } as const;

function manifest(name: string, source: ModelManifest['source'] = npm): ModelManifest {
  const licence = { code: 'MIT', weights: 'MIT', holder: 'Nobody' };
  return { name, version: '1', title: { en: name }, source, files: [{ path: 'm.onnx', size: 1, sha256: 'a' }], licence, memoryMb: 1 };
}

/** A store in memory whose installations the test ends. */
function fakeStore() {
  const there = new Set<string>();
  const running: { name: string; end(error?: Error): void }[] = [];
  const store: ModelStore = {
    inspect: (place) => {
      const name = place.kind === 'data' ? place.name : place.kind;
      return Promise.resolve({ folder: `/models/${name}`, complete: place.kind !== 'data' || there.has(name), size: 1 });
    },
    install: ({ name }, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        running.push({
          name,
          end(error) {
            if (error !== undefined) return reject(error);
            there.add(name);
            resolve();
          },
        });
      }),
    remove: (name) => {
      there.delete(name);
      return Promise.resolve();
    },
    sweep: () => Promise.resolve(),
  };
  return { store, running };
}

async function declared(models: readonly ModelManifest[], isInUse = (_plugin: string, _model: string) => false) {
  const { store, running } = fakeStore();
  const weights = new Weights({ store, logger: silentLogger, isInUse });
  await weights.declare([{ plugin: 'p', folder: '/plugins/p', models }]);
  const stateOf = (name: string) => weights.list().find((info) => info.name === name);
  return { weights, running, stateOf };
}

describe('weights', () => {
  it('that come with the program are there from the start, and know their graph', async () => {
    const { weights, stateOf } = await declared([manifest('own', { kind: 'plugin' }), manifest('far')]);
    expect(stateOf('own')?.state).toBe('bundled');
    expect(weights.folderOf('own')).toBe('/models/folder');
    expect(weights.graphOf('own')).toBe('m.onnx');
    expect(weights.folderOf('far')).toBeNull();
    expect(() => weights.begin('own')).not.toThrow();
    await expect(weights.remove('own')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('are installed one after the other, and two that ask for the same wait for the same', async () => {
    const { weights, running, stateOf } = await declared([manifest('a'), manifest('b')]);
    const seen: string[] = [];
    weights.onChange(({ name, state }, usable) => {
      if (usable) seen.push(`${name} ${state}`);
    });
    const all = Promise.all([weights.install('a'), weights.install('a'), weights.install('b')]);
    await Promise.resolve();
    expect(running.map(({ name }) => name)).toEqual(['a']);
    expect(stateOf('b')?.state).toBe('installing');
    running[0]?.end();
    await expect.poll(() => running.length).toBe(2);
    running[1]?.end();
    await all;
    expect(weights.list().map(({ state }) => state)).toEqual(['installed', 'installed']);
    expect(seen).toEqual(['a installed', 'b installed']);
  });

  it('say why they could not be installed, and can be tried again', async () => {
    const { weights, running, stateOf } = await declared([manifest('a')]);
    const first = weights.install('a');
    await Promise.resolve();
    running[0]?.end(new Error('the disk is too full'));
    await expect(first).rejects.toThrow('too full');
    expect(stateOf('a')).toMatchObject({ state: 'failed', reason: 'the disk is too full' });
    const second = weights.install('a');
    await expect.poll(() => running.length).toBe(2);
    running[1]?.end();
    await second;
    expect(stateOf('a')?.state).toBe('installed');
  });

  it('stay while work needs them, and an installation under way is stopped to remove them', async () => {
    let busy = true;
    const { weights, running, stateOf } = await declared([manifest('a')], () => busy);
    const installing = weights.install('a');
    await Promise.resolve();
    running[0]?.end();
    await installing;
    await expect(weights.remove('a')).rejects.toMatchObject({ code: 'MODEL_IN_USE' });
    busy = false;
    await weights.remove('a');
    expect(stateOf('a')?.state).toBe('missing');
    const again = weights.install('a');
    again.catch(() => {});
    await expect.poll(() => running.length).toBe(2);
    await weights.remove('a');
    await expect(again).rejects.toThrow('aborted');
    expect(stateOf('a')).toMatchObject({ state: 'missing' });
  });

  it('that wait for their turn can be given up at once, and asked for again', async () => {
    const { weights, running, stateOf } = await declared([manifest('a'), manifest('b')]);
    const first = weights.install('a');
    const given = weights.install('b');
    const refused = expect(given).rejects.toThrow('it was stopped');
    await weights.remove('b');
    expect(stateOf('b')?.state).toBe('missing');
    const again = weights.install('b');
    running[0]?.end();
    await refused;
    expect(stateOf('b')?.state).toBe('installing');
    await expect.poll(() => running.map(({ name }) => name)).toEqual(['a', 'b']);
    running[1]?.end();
    await Promise.all([first, again]);
    expect(stateOf('b')?.state).toBe('installed');
  });
});
