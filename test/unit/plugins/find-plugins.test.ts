import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPlugins } from '../../../src/core/plugins/find-plugins.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'jarvis-plugins-'));
  const files: Record<string, string> = {
    'plugins/zebra/plugin.ts': '',
    'plugins/ape/plugin.js': '',
    'plugins/notes/README.md': '',
    'plugins/.hidden/plugin.ts': '',
    'plugins/loose.ts': '',
    'node_modules/@somebody/monkey/package.json': '{"exports":{".":{"types":"./x.d.ts","import":"./lib/monkey.js"}}}',
    'node_modules/@somebody/monkey/lib/monkey.js': '',
    'node_modules/empty/package.json': '{"main":"gone.js"}',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});
afterAll(() => rm(root, { recursive: true }));

describe('finding plugins', () => {
  it('takes folders with a plugin in them, sorted by name, and nothing else', async () => {
    const found = await findPlugins({ folder: join(root, 'plugins'), packages: [], packagesFrom: root });
    expect(found).toEqual([
      { name: 'ape', folder: join(root, 'plugins/ape'), moduleUrl: pathToFileURL(join(root, 'plugins/ape/plugin.js')).href },
      { name: 'zebra', folder: join(root, 'plugins/zebra'), moduleUrl: pathToFileURL(join(root, 'plugins/zebra/plugin.ts')).href },
    ]);
  });

  it('finds packages by the file that an import would take, also above the folder', async () => {
    const [monkey] = await findPlugins({ folder: null, packages: ['@somebody/monkey'], packagesFrom: join(root, 'plugins/ape') });
    expect(monkey).toMatchObject({ name: 'monkey', package: '@somebody/monkey', folder: join(root, 'node_modules/@somebody/monkey') });
    expect(monkey?.moduleUrl).toBe(pathToFileURL(join(root, 'node_modules/@somebody/monkey/lib/monkey.js')).href);
  });

  it.each([
    ['a package that is not installed', 'absent', /run npm install absent/],
    ['a package without its main file', 'empty', /needs "exports" or "main"/],
    ['a path in place of a name', '../plugins/ape', /no name of a package/],
  ])('says what to do about %s', async (_what, name, sentence) => {
    const [found] = await findPlugins({ folder: null, packages: [name], packagesFrom: root });
    expect(found?.refusal).toMatch(sentence);
  });

  it('takes the folder where PLUGINS names it as if it were a package that is not there', async () => {
    const [ape, needless] = await findPlugins({ folder: join(root, 'plugins'), packages: ['ape'], packagesFrom: root });
    expect([ape?.folder, ape?.refusal]).toEqual([join(root, 'plugins/ape'), undefined]);
    expect([needless?.name, needless?.refusal]).toEqual(['ape', expect.stringContaining('take it out of PLUGINS')]);
  });

  it('finds nothing where there is no folder', async () => {
    expect(await findPlugins({ folder: join(root, 'nowhere'), packages: [], packagesFrom: root })).toEqual([]);
  });
});
