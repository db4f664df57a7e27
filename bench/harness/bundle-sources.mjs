// Parts of the server, bundled from the sources of the tree that is measured, as the server's build does it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { atExit } from './leftovers.mjs';
import { measuredRoot } from './server.mjs';

/**
 * @param name of the file that is made
 * @param wanted exported names by the file in `src` that has them
 * @param beside further entries by name, such as the files of threads
 * @returns the file to import, and how to remove it
 */
export async function bundleSources(name, wanted, beside = {}) {
  const source = (file) => join(measuredRoot, 'src', file);
  // Below the packages, so that they are found.
  const cache = join(realpathSync(join(measuredRoot, 'node_modules')), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `bench-${name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  atExit(remove);
  const entry = join(folder, `${name}.ts`);
  const lines = Object.entries(wanted).map(([file, names]) => `export { ${names} } from ${JSON.stringify(source(file))};`);
  writeFileSync(entry, `${lines.join('\n')}\n`);
  const bundle = await rolldown({
    input: { [name]: entry, ...Object.fromEntries(Object.entries(beside).map(([key, file]) => [key, source(file)])) },
    cwd: measuredRoot,
    platform: 'node',
    external: (id) => !/^[./#]/.test(id),
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
  });
  await bundle.write({ dir: join(folder, 'out'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  return { file: join(folder, `out/${name}.js`), remove };
}
