import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPlugins } from '../../../src/core/index.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'argus-loader-'));
  for (const folder of ['plugins/twin', 'node_modules/@somebody/twin']) {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, 'plugin.js'), '');
  }
  await writeFile(join(root, 'node_modules/@somebody/twin/package.json'), JSON.stringify({ name: '@somebody/twin', main: 'plugin.js' }));
});
afterAll(() => rm(root, { recursive: true }));

it('a plugin whose import fails is never imported by the server, whatever one of the same name does', async () => {
  const imported: string[] = [];
  const loaded = await loadPlugins({
    places: { folder: join(root, 'plugins'), packages: ['@somebody/twin'], packagesFrom: root },
    probe: async (found) =>
      found.map(({ name, package: from }) => (from === undefined ? { name, ok: true } : { name, ok: false, reason: 'it hangs' })),
    importModule: async (url) => {
      imported.push(url);
      return {};
    },
    commandRefusal: () => null,
  });
  // By folder the package comes first, so it is the one that is meant.
  expect(loaded.map(({ refusal }) => refusal)).toEqual(['it hangs', 'a second plugin has the name “twin”: remove one of them']);
  expect(imported).toEqual([]);
});
