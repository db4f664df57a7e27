import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where plugins are looked for: only what the operator put there (PROMISES R28). */
export interface PluginPlaces {
  /** Each folder in it with a `plugin.ts`, or built a `plugin.js`, is a plugin; null: none. */
  readonly folder: string | null;
  /** Names of installed packages. */
  readonly packages: readonly string[];
  /** The folder whose `node_modules`, or one above it, holds the packages. */
  readonly packagesFrom: string;
}

/** A plugin that was found and of which nothing else is known. */
export interface FoundPlugin {
  /** Of its folder, or of the package without its scope. */
  readonly name: string;
  readonly moduleUrl: string;
  /** Absolute; the files that it brings lie here. */
  readonly folder: string;
  /** Where it comes from a package: that package's name. */
  readonly package?: string;
  /** Why there is nothing to load. */
  readonly refusal?: string;
}

/** What is there, sorted by name, so that the order never depends on the file system. Imports nothing. */
export async function findPlugins({ folder, packages, packagesFrom }: PluginPlaces): Promise<FoundPlugin[]> {
  const inFolder = folder === null ? [] : await foldersIn(folder);
  const installed = await Promise.all(packages.map((name) => packageOf(name, packagesFrom)));
  const packaged = installed.map((plugin) =>
    isMeantInFolder(plugin, inFolder) ? { ...plugin, refusal: needlessName(plugin.name) } : plugin,
  );
  return [...inFolder, ...packaged].sort(
    (left, right) => compare(left.name, right.name) || isRefused(left) - isRefused(right) || compare(left.folder, right.folder),
  );
}

/** What cannot be loaded comes behind what can: the first of a name is the one that is meant. */
function isRefused({ refusal }: FoundPlugin): number {
  return refusal === undefined ? 0 : 1;
}

function isMeantInFolder({ name, refusal }: FoundPlugin, inFolder: readonly FoundPlugin[]): boolean {
  return refusal !== undefined && inFolder.some((plugin) => plugin.name === name);
}

/** Installing a stranger's package of that name would be the worst way out. */
function needlessName(name: string): string {
  return `${name} lies in the folder of plugins and is there without PLUGINS, which names packages: take it out of PLUGINS`;
}

async function foldersIn(parent: string): Promise<FoundPlugin[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'));
  const found = await Promise.all(names.map(({ name }) => folderOf(name, join(parent, name))));
  return found.filter((plugin) => plugin !== null);
}

async function folderOf(name: string, folder: string): Promise<FoundPlugin | null> {
  for (const file of ['plugin.js', 'plugin.ts']) {
    const path = join(folder, file);
    if (await isFile(path)) return { name, moduleUrl: pathToFileURL(path).href, folder };
  }
  return null;
}

/** By hand and not by `import.meta.resolve`, which resolves from this file, wherever that was bundled to. */
async function packageOf(packageName: string, from: string): Promise<FoundPlugin> {
  const name = packageName.replace(/^@[^/]+\//, '');
  const base = { name, package: packageName, moduleUrl: '', folder: '' };
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(packageName)) return { ...base, refusal: notAName(packageName) };
  const folder = await installedFolder(packageName, from);
  if (folder === null) {
    return {
      ...base,
      refusal: `the package ${packageName} (PLUGINS) is not installed: run npm install ${packageName} in the server's folder`,
    };
  }
  const main = await mainOf(folder);
  if (main === null || !(await isFile(join(folder, main)))) {
    return { ...base, folder, refusal: `the package ${packageName} has no main file: its package.json needs "exports" or "main"` };
  }
  return { ...base, folder, moduleUrl: pathToFileURL(join(folder, main)).href };
}

function notAName(packageName: string): string {
  return `PLUGINS holds “${packageName.slice(0, 60)}”, which is no name of a package: write names only, separated by commas`;
}

async function installedFolder(packageName: string, from: string): Promise<string | null> {
  const folder = join(from, 'node_modules', packageName);
  if (await isFile(join(folder, 'package.json'))) return folder;
  const above = dirname(from);
  return above === from ? null : installedFolder(packageName, above);
}

async function mainOf(folder: string): Promise<string | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return null;
    const exported = 'exports' in manifest ? entryOf(manifest.exports) : null;
    if (exported !== null) return exported;
    return 'main' in manifest && typeof manifest.main === 'string' ? manifest.main : 'index.js';
  } catch {
    return null;
  }
}

/** The file of `.` in an `exports` field, as Node picks it for an import. */
function entryOf(exported: unknown): string | null {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return null;
  for (const [key, value] of Object.entries(exported)) {
    if (key === '.' || key === 'node' || key === 'import' || key === 'default') {
      const entry = entryOf(value);
      if (entry !== null) return entry;
    }
  }
  return null;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
