// Builds the web client into dist/public and the server into dist/server.
//   --server | --client       only that half
//   --server --out <folder>   the server somewhere else, and dist stays as it is; the folder must lie below the root, beside node_modules
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { rolldown } from 'rolldown';
import { build as viteBuild } from 'vite';
import { root, stampFile } from './build-state.mjs';
import { compileAhead } from './compile-ahead.mjs';
import { plainCode } from './plain-code.mjs';
import { isLate, standIns } from './stand-ins.mjs';

/**
 * Each entry becomes dist/server/<name>.js. Workers and children are found by these names, see src/lib/worker-entry.ts. What starts the server is
 * dist/server/main.js, see scripts/launcher.cjs.
 */
const entries = {
  server: 'src/main.ts',
  'inference-host': 'src/inference-host.ts',
  'sqlite-worker': 'src/infrastructure/database/sqlite-worker.ts',
  'password-worker': 'src/infrastructure/passwords/password-worker.ts',
  'conversion-worker': 'src/infrastructure/weights/conversion-worker.ts',
  'models-tool': 'src/wiring/models-tool.ts',
  'store-tool': 'src/wiring/store-tool.ts',
  core: 'src/core/index.ts',
};

/**
 * What each start needs is bundled, which saves half of it; their licences stay in node_modules and in THIRD-PARTY-NOTICES.md. Native packages cannot be
 * bundled, and what few starts need stays outside.
 */
const bundled = new Set(['bcryptjs', 'express', 'helmet', 'jose', 'multer', 'pino', 'tar-stream', 'ulid', 'ws', 'zod']);

/** Files of a plugin's folder that are code, or belong to its tests: the first are bundled, the others stay behind. */
const notCopied = /(\.tsx?|\.mts|\.test\.[a-z]+|\.d\.ts\.map)$/;

const compressible = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest']);
const SMALLEST_WORTH_COMPRESSING = 1024;

process.chdir(root);
// Whatever the shell or a test runner says: with another value the client carries what only its developers need, a fifth more code.
process.env.NODE_ENV = 'production';
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
    external: isOutside,
    plugins: [standIns],
    resolve: { conditionNames: ['source', 'node'] },
    onLog(level, log, handler) {
      // A name that cannot be resolved would only fail when that line is reached at run time.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      handler(level, log);
    },
  });
  try {
    // Flat, because worker files are looked up beside the chunk that starts them. CommonJS, because only that can be compiled ahead on Node 20.
    const { output } = await bundle.write({
      dir: outDir,
      format: 'cjs',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      sourcemap: true,
      comments: false,
    });
    await writeFile(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
    await copyFile(join(root, 'scripts/launcher.cjs'), join(outDir, 'main.js'));
    await finishServer(outDir, output, plugins);
  } finally {
    await bundle.close();
  }
}

async function finishServer(outDir, output, plugins) {
  const chunks = output
    .filter(({ type }) => type === 'chunk')
    .map(({ fileName, imports, dynamicImports, code }) => ({ fileName, imports, dynamicImports, code, plain: plainCode(code) }));
  // Lines stay where the source maps say.
  await Promise.all(chunks.map(({ fileName, code, plain }) => writeFile(join(outDir, fileName), plain ?? code)));
  await Promise.all(plugins.map((name) => copyPluginFiles(join(root, 'plugins', name), join(outDir, 'plugins', name))));
  const needed = new Set();
  const take = (fileName) => {
    const chunk = chunks.find((one) => one.fileName === fileName);
    if (chunk === undefined || needed.has(fileName)) return;
    needed.add(fileName);
    for (const name of chunk.imports) take(name);
  };
  // The entry imports the rest of the server when the thread of the store is on its way.
  const entry = chunks.find(({ fileName }) => fileName === 'server.js');
  for (const name of ['server.js', ...entry.dynamicImports, ...plugins.map((plugin) => `plugins/${plugin}/plugin.js`)]) take(name);
  // Code that was compiled ahead is read as ASCII and cannot import at run time.
  const ready = chunks.filter(({ fileName, plain }) => needed.has(fileName) && plain !== null && !/\bimport\(/.test(plain));
  await compileAhead(
    outDir,
    ready.map(({ fileName }) => fileName),
  );
}

/** Whether a module stays a package of its own in node_modules. */
function isOutside(id, importer) {
  if (/^[./#]/.test(id) || /^[A-Za-z]:[\\/]/.test(id)) return false;
  if (id.startsWith('node:') || isBuiltin(id) || isLate(id, importer)) return true;
  return !bundled.has(id) && importer?.includes('/node_modules/') !== true;
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
