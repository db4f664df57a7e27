import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, readConfig, readEnvironment } from '../config.ts';
import { loadPlugins } from '../core/index.ts';
import { importPlugin } from '../core/plugins/import-plugin.ts';
import { type ConversionOrder, convertModel } from '../infrastructure/weights/convert-model.ts';
import { createModelStore } from '../infrastructure/weights/model-store.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { shortReason } from '../lib/short-reason.ts';
import type { WeightsInfo } from '../protocol/index.ts';
import { Weights } from '../services/weights/weights.ts';

/** Entry of `npm run models`: the weights of the plugins of this folder, without the server. */

const usage = `usage: npm run models -- list
       npm run models -- how <name>, for weights that an operator brings
       npm run models -- install <name>... [--keep-packages]
       npm run models -- remove <name>...
       npm run models -- convert <tfjs-layers|tfjs-graph> <model.json> <out.onnx> [--range 1|255] [--shape 1,256,256,3]`;

const say = (line: string) => process.stdout.write(`${line}\n`);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('it was stopped')));
process.once('SIGTERM', () => stop.abort(new Error('it was stopped')));

const [command = '', ...rest] = process.argv.slice(2);
const names = rest.filter((word) => !word.startsWith('--'));
perform().catch((error: unknown) => {
  const lines = error instanceof ConfigError ? error.lines : [error instanceof Error ? error.message : String(error)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 1;
});

async function perform(): Promise<void> {
  if (command === 'convert') await convert(rest);
  else if (command === 'list' && rest.length === 0) for (const info of (await openWeights()).weights.list()) say(row(info));
  else if (command === 'how' && names.length === 1) say(await instructionsOf(names[0] ?? ''));
  else if (command === 'install' && names.length > 0) await install(names, rest.includes('--keep-packages'));
  else if (command === 'remove' && names.length > 0) await remove(names);
  else throw new Error(usage);
}

/** From sources `plugins`, built the folder beside this file. */
function pluginFolder(): { folder: string; root: string } {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '../..');
  return { folder: import.meta.url.endsWith('.ts') ? join(root, 'plugins') : join(here, 'plugins'), root };
}

async function openWeights(): Promise<{ weights: Weights; packages: string }> {
  const config = readConfig(readEnvironment(), []);
  const { folder, root } = pluginFolder();
  const models = join(config.dataDir, 'models');
  // Imported right here: whoever runs this tool runs as the operator, and nothing else is lost when a plugin fails.
  const loaded = await loadPlugins({
    places: { folder, packages: config.plugins, packagesFrom: root },
    probe: (found) => Promise.resolve(found.map(({ name }) => ({ name, ok: true }))),
    importModule: importPlugin,
    commandRefusal: () => null,
  });
  for (const { name, refusal } of loaded) if (refusal !== null) process.stderr.write(`${name}: ${refusal}\n`);
  const store = createModelStore({ root: models, environment: config.npmEnvironment, clock: systemClock });
  const weights = new Weights({ store, logger: silentLogger });
  await weights.declare(
    loaded.map(({ name, found, definition }) => ({ plugin: name, folder: found.folder, models: definition?.models ?? [] })),
  );
  return { weights, packages: join(models, '.packages') };
}

async function instructionsOf(name: string): Promise<string> {
  const info = (await openWeights()).weights.list().find((one) => one.name === name);
  if (info === undefined) throw new Error(`No plugin declares ${name}`);
  return info.instructions?.en ?? `${name} is ${info.state}: nothing has to be brought.`;
}

function row({ name, plugin, state, size, downloadSize, memoryMb, licence, reason }: WeightsInfo): string {
  const download = state === 'missing' ? `, ${megabytes(downloadSize)} to fetch` : '';
  const why = reason === undefined ? '' : `\n  ${reason}`;
  const about = `${megabytes(size)}${download}, ${memoryMb} MB of memory, ${licence.weights} (${licence.holder})`;
  return `${name.padEnd(24)} ${plugin.padEnd(10)} ${state.padEnd(10)} ${about}${why}`;
}

function megabytes(bytes: number): string {
  return bytes === 0 ? 'size unknown' : `${(bytes / 1e6).toFixed(1)} MB`;
}

async function install(wanted: readonly string[], keepsPackages: boolean): Promise<void> {
  const { weights, packages } = await openWeights();
  const known = weights.list().map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`No plugin declares ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  try {
    for (const name of wanted) await installOne(weights, name);
  } finally {
    if (!keepsPackages) await rm(packages, { recursive: true, force: true });
  }
}

async function installOne(weights: Weights, name: string): Promise<void> {
  let told = -1;
  const onProgress = (percent: number | null) => {
    const tenth = percent === null ? told : Math.floor(percent / 10);
    if (tenth > told) say(`${name}: ${tenth * 10} %`);
    told = tenth;
  };
  try {
    await weights.install(name, { signal: stop.signal, onProgress });
  } catch (error) {
    throw new Error(`${name}: ${shortReason(error)}`, { cause: error });
  }
  say(`${name}: installed`);
}

async function remove(wanted: readonly string[]): Promise<void> {
  const { weights } = await openWeights();
  for (const name of wanted) {
    await weights.remove(name);
    say(`${name}: removed`);
  }
}

async function convert(words: readonly string[]): Promise<void> {
  const [from, model, output] = words;
  const option = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  if ((from !== 'tfjs-layers' && from !== 'tfjs-graph') || model === undefined || output === undefined) throw new Error(usage);
  const range = option('--range') === '255' ? 255 : 1;
  const shape = option('--shape')?.split(',').map(Number);
  const order: ConversionOrder = {
    from,
    model: basename(model),
    ...(words.includes('--range') ? { pixels: { range } } : {}),
    ...(shape === undefined ? {} : { inputShape: shape }),
  };
  const bytes = await convertModel(basename(output).replace(/\.onnx$/, ''), dirname(model), order);
  await writeFile(output, bytes);
  say(`${output}: ${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`);
}
