// Tells whether dist is there and newer than the sources.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const stampFile = join(root, 'dist/build-stamp.json');

const sources = [
  'src',
  'plugins',
  'public',
  'scripts/build.mjs',
  'scripts/compile-ahead.mjs',
  'scripts/launcher.cjs',
  'scripts/plain-code.mjs',
  'scripts/stand-ins.mjs',
  'scripts/stand-ins',
  'package.json',
  'tsconfig.json',
  'vite.config.ts',
];

/** @returns {'fresh' | 'stale' | 'missing'} */
export function readBuildState() {
  if (!existsSync(join(root, 'dist/server/main.js'))) return 'missing';
  if (!existsSync(join(root, 'src'))) return 'fresh';
  const builtAt = readBuildTime();
  return sources.some((source) => newestMtime(join(root, source)) > builtAt) ? 'stale' : 'fresh';
}

function readBuildTime() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8')).startedAt;
  } catch {
    return 0;
  }
}

function newestMtime(path) {
  const own = statSync(path, { throwIfNoEntry: false });
  if (own === undefined) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMtime(join(path, name))), own.mtimeMs);
}
