// The adapter for Gemini, bundled from the sources of the tree that is measured, as the server's build does it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from '../../scripts/build-state.mjs';
import { atExit } from '../harness/leftovers.mjs';

const measuredRoot = process.env.BENCH_BUILD ?? root;

const wanted = {
  'models/gemini/gemini-model.ts': 'createGeminiModel',
  'models/gemini/gemini-model-table.ts': 'geminiModelTable',
  'lib/clock.ts': 'systemClock',
  'lib/logger.ts': 'silentLogger',
};

/** @returns the file to import, and how to remove it */
export async function buildAdapter() {
  // Below the packages, so that they are found.
  const cache = join(realpathSync(join(measuredRoot, 'node_modules')), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bench-adapter-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  atExit(remove);
  const entry = join(folder, 'adapter.ts');
  const lines = Object.entries(wanted).map(
    ([file, names]) => `export { ${names} } from ${JSON.stringify(join(measuredRoot, 'src', file))};`,
  );
  writeFileSync(entry, `${lines.join('\n')}\n`);
  const bundle = await rolldown({
    input: { adapter: entry },
    cwd: measuredRoot,
    platform: 'node',
    external: (id) => !/^[./#]/.test(id),
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
  });
  await bundle.write({ dir: join(folder, 'out'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  return { file: join(folder, 'out/adapter.js'), remove };
}
