// Builds the web client into dist/public and the server into dist/server.
//   --server | --client       only that half
//   --server --out <folder>   the server somewhere else, and dist stays as it is; the folder must lie below the root, beside node_modules
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { rolldown } from 'rolldown';
import { build as viteBuild } from 'vite';
import { root, stampFile } from './build-state.mjs';

/** Each entry becomes dist/server/<name>.js. Workers and children are found by these names, see src/lib/worker-entry.ts. */
const entries = {
  main: 'src/main.ts',
  'inference-host': 'src/inference-host.ts',
  'sqlite-worker': 'src/infrastructure/database/sqlite-worker.ts',
  'password-worker': 'src/infrastructure/passwords/password-worker.ts',
  'conversion-worker': 'src/infrastructure/weights/conversion-worker.ts',
  'models-tool': 'src/wiring/models-tool.ts',
  'store-tool': 'src/wiring/store-tool.ts',
  core: 'src/core/index.ts',
};

/** Files of a plugin's folder that are code, or belong to its tests: the first are bundled, the others stay behind. */
const notCopied = /(\.tsx?|\.mts|\.test\.[a-z]+|\.d\.ts\.map)$/;

const compressible = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest']);
const SMALLEST_WORTH_COMPRESSING = 1024;

process.chdir(root);
const startedAt = Date.now();
const only = process.argv[2];
const elsewhere = process.argv[3] === '--out' ? process.argv[4] : undefined;
if (elsewhere === undefined) await rm(stampFile, { force: true });
if (only !== '--client') await buildServer(elsewhere ?? join(root, 'dist/server'));
if (only !== '--server') await buildClient();
if (only === undefined) await writeFile(stampFile, `${JSON.stringify({ startedAt })}\n`);
console.log(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);

async function buildServer(outDir) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const plugins = await pluginFolders();
  const input = {
    ...Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file)))),
    ...Object.fromEntries(plugins.map((name) => [`plugins/${name}/plugin`, `plugins/${name}/plugin.ts`])),
  };
  const bundle = await rolldown({
    input,
    cwd: root,
    platform: 'node',
    // Packages stay in node_modules: native ones cannot be bundled, and the licences of all stay beside them.
    external: (id) => !/^[./#]/.test(id) && !/^[A-Za-z]:[\\/]/.test(id),
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
    onLog(level, log, handler) {
      // A name that cannot be resolved would only fail when that line is reached at run time.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      handler(level, log);
    },
  });
  try {
    // Flat, because worker files are looked up beside the chunk that starts them.
    await bundle.write({
      dir: outDir,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      sourcemap: true,
    });
  } finally {
    await bundle.close();
  }
  await Promise.all(plugins.map((name) => copyPluginFiles(join(root, 'plugins', name), join(outDir, 'plugins', name))));
}

/** Names of the folders in `plugins` that hold a plugin. */
async function pluginFolders() {
  const folder = join(root, 'plugins');
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, 'plugin.ts'))).sort();
}

/** Weights, samples and notices lie beside the built plugin as they lay beside its source. */
async function copyPluginFiles(from, to) {
  const filter = (path) => !notCopied.test(path) && !/[\\/](test|node_modules)$/.test(path.slice(from.length));
  await cp(from, to, { recursive: true, filter });
}

async function buildClient() {
  if (!existsSync(join(root, 'public/index.html'))) return;
  await viteBuild({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  await buildWidget(join(root, 'dist/public/widget.js'));
  await compressFolder(join(root, 'dist/public'));
}

/** One small script for other people's pages (docs/embedding.md), which shares nothing with the client. */
async function buildWidget(file) {
  const bundle = await rolldown({ input: 'public/app/embed/widget.ts', cwd: root, platform: 'browser' });
  try {
    await bundle.write({ file, format: 'iife', minify: true });
  } finally {
    await bundle.close();
  }
}

/** Writes name.br and name.gz beside each text file, so that the server never compresses while it answers. */
async function compressFolder(folder) {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  await Promise.all(files.map((file) => compressFile(join(file.parentPath ?? file.path, file.name))));
}

async function compressFile(path) {
  if (!compressible.has(extname(path))) return;
  const content = await readFile(path);
  if (content.length <= SMALLEST_WORTH_COMPRESSING) return;
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content, brotli));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
