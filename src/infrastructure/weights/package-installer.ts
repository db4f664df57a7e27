import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { convertInProcess } from './conversion-process.ts';
import type { ConversionOrder } from './convert-model.ts';
import { inspectFolder, type ModelFileSpec, receiptName, sizeOf } from './model-folders.ts';
import type { NpmClient } from './npm-client.ts';
import { unpackPackage } from './package-archive.ts';
import { downloadTo, sumOf } from './package-download.ts';
import { pathInside } from './path-inside.ts';

export interface PackageOrder {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
  readonly downloadSize: number;
  readonly convert?: ConversionOrder;
  readonly files: readonly ModelFileSpec[];
}

export interface InstallWatch {
  readonly signal: AbortSignal;
  onProgress(percent: number | null): void;
}

export interface PackageInstallerOptions {
  /** Absolute: `DATA_DIR/models`. */
  readonly root: string;
  readonly npm: NpmClient;
  /** Bytes that can still be written there. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Names in the root that are not models. What is half done lies under the first. */
export const stagingPrefix = '.staging-';
export const packagesName = '.packages';
/** The rest is conversion and the last look. */
const DOWNLOAD_SHARE = 90;
const LICENCES = /^(licen[cs]e|notice|copying)(\.[a-z]+)?$/i;
const MIB = 1_048_576;

async function diskSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Puts models of the registry into their folders, all or nothing. */
export function createPackageInstaller({ root, npm, freeBytes = diskSpace }: PackageInstallerOptions) {
  async function assertSpace(order: PackageOrder): Promise<void> {
    // The package, what is unpacked of it, and the result lie beside each other for a moment.
    const needed = order.downloadSize * 2 + order.files.reduce((sum, file) => sum + file.size, 0) + 16 * MIB;
    const free = await freeBytes(root);
    if (free < needed) throw new Error(`the disk is too full: it takes ${megabytes(needed)}, ${megabytes(free)} are free`);
  }

  /** A package holds several models at times: it is kept for a day, under the sum of its bytes. */
  async function packageFile(order: PackageOrder, staging: string, watch: InstallWatch): Promise<string> {
    const kept = path.join(root, packagesName, `${Buffer.from(order.integrity).toString('hex').slice(-40)}.tgz`);
    if ((await sizeOf(kept)) !== null && (await sumOf(kept, 'sha512')) === order.integrity) return kept;
    const file = await fetched(order, staging, watch);
    if ((await sumOf(file, 'sha512')) !== order.integrity)
      throw new Error('the package is not the one that the manifest names: its sum differs');
    await mkdir(path.dirname(kept), { recursive: true });
    await rename(file, kept);
    return kept;
  }

  async function fetched(order: PackageOrder, staging: string, watch: InstallWatch): Promise<string> {
    const { signal } = watch;
    const dist = await npm.describe(order, signal);
    if (dist.integrity !== order.integrity) throw new Error('the registry has another package under this version than the manifest names');
    const file = path.join(staging, 'package.tgz');
    const onProgress = (bytes: number) => watch.onProgress(Math.floor((DOWNLOAD_SHARE * bytes) / order.downloadSize));
    try {
      await downloadTo(file, dist.tarball, { size: order.downloadSize, signal, onProgress });
      return file;
    } catch (error) {
      if (signal.aborted || isDiskFull(error)) throw error;
      // A proxy, a password, a bad line: npm knows its ways, and checks the sum too. Only how far it is it does not tell.
      watch.onProgress(null);
      await rm(file, { force: true });
      const packed = await npm.pack(order, staging, signal).catch(() => null);
      if (packed === null) throw error;
      return packed;
    }
  }

  async function fill(order: PackageOrder, staging: string, watch: InstallWatch): Promise<string> {
    const { signal } = watch;
    const unpacked = path.join(staging, 'package');
    const result = path.join(staging, 'model');
    await mkdir(result, { recursive: true });
    const file = await packageFile(order, staging, watch);
    watch.onProgress(DOWNLOAD_SHARE);
    const { convert } = order;
    const most = order.downloadSize * 10 + 64 * MIB;
    const wanted = wantedFiles(order);
    const folder = convert === undefined ? result : unpacked;
    const names = await unpackPackage(file, { folder, wanted, most, signal });
    if (convert === undefined) return result;
    const [target] = order.files;
    if (target === undefined || order.files.length !== 1) throw new Error('a converted model has one file');
    const output = pathInside(result, target.path);
    await mkdir(path.dirname(output), { recursive: true });
    await convertInProcess({ name: order.name, folder: unpacked, order: convert, output }, signal);
    for (const name of names.filter((one) => LICENCES.test(one))) await rename(path.join(unpacked, name), path.join(result, name));
    return result;
  }

  async function place(order: PackageOrder, result: string, staging: string): Promise<void> {
    const target = path.join(root, order.name);
    const old = path.join(staging, 'old');
    const isThere = await stat(target).then(
      () => true,
      () => false,
    );
    if (isThere) await rename(target, old);
    try {
      await rename(result, target);
    } catch (error) {
      // Somebody else put it there in this moment: as good as ours when it is the same.
      const inspected = await inspectFolder(target, order.files, true, true).catch(() => null);
      if (inspected?.complete !== true) throw error;
    }
  }

  return {
    async install(order: PackageOrder, watch: InstallWatch): Promise<void> {
      await mkdir(root, { recursive: true });
      const staging = path.join(root, `${stagingPrefix}${order.name}-${randomUUID()}`);
      try {
        await assertSpace(order);
        await mkdir(staging);
        const result = await fill(order, staging, watch);
        const sums: Record<string, string> = {};
        for (const file of order.files) {
          const made = pathInside(result, file.path);
          const sum = (await sizeOf(made)) === file.size ? await sumOf(made, 'sha256') : '';
          if (sum !== file.sha256) throw new Error(`the file ${file.path} is not as the manifest says`);
          sums[file.path] = sum;
        }
        const receipt = { package: order.package, version: order.version, integrity: order.integrity, sums };
        await writeFile(path.join(result, receiptName), `${JSON.stringify(receipt, null, 2)}\n`);
        watch.signal.throwIfAborted();
        await place(order, result, staging);
        watch.onProgress(100);
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
    },
  };
}

function wantedFiles({ convert, files }: PackageOrder): (name: string) => boolean {
  const paths = new Set(files.map((file) => file.path));
  const folder = convert === undefined ? '' : path.posix.dirname(convert.model);
  return (name) => LICENCES.test(name) || (convert === undefined ? paths.has(name) : path.posix.dirname(name) === folder);
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** Removes what a killed process left an hour ago or before, and packages that were kept for a day. */
export async function sweepModels(root: string, now: number): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(stagingPrefix))) await removeOlder(path.join(root, name), now - 3_600_000);
  const packages = path.join(root, packagesName);
  for (const name of await readdir(packages).catch(() => [])) await removeOlder(path.join(packages, name), now - 86_400_000);
}

async function removeOlder(target: string, before: number): Promise<void> {
  if ((await changedAt(target)) < before) await rm(target, { recursive: true, force: true });
}

/** Of a folder also what lies in it counts: a package that takes hours on a thin line is still being written. */
async function changedAt(target: string): Promise<number> {
  const names = await readdir(target).catch(() => []);
  const found = await Promise.all(['', ...names].map((name) => stat(path.join(target, name)).catch(() => null)));
  return Math.max(...found.map((one) => one?.mtimeMs ?? 0));
}
