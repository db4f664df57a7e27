import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packagesName, stagingPrefix, sweepModels } from '../../../src/infrastructure/weights/package-installer.ts';

it('what a killed process left goes after its time; what is still being written, and models, stay', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'argus-sweep-'));
  try {
    const now = Date.now();
    const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000);
    const lay = async (folder: string, file: string, [folderAge, fileAge]: [number, number]) => {
      await mkdir(path.join(root, folder), { recursive: true });
      await writeFile(path.join(root, folder, file), 'x');
      await utimes(path.join(root, folder, file), hoursAgo(fileAge), hoursAgo(fileAge));
      await utimes(path.join(root, folder), hoursAgo(folderAge), hoursAgo(folderAge));
    };
    await lay(`${stagingPrefix}left`, 'package.tgz', [3, 2]);
    await lay(`${stagingPrefix}slow-line`, 'package.tgz', [3, 0]);
    await lay('model', 'model.onnx', [9000, 9000]);
    await lay(packagesName, 'old.tgz', [0, 25]);
    await lay(packagesName, 'new.tgz', [0, 23]);
    await sweepModels(root, now);
    expect((await readdir(root)).sort()).toEqual([packagesName, `${stagingPrefix}slow-line`, 'model'].sort());
    expect(await readdir(path.join(root, packagesName))).toEqual(['new.tgz']);
  } finally {
    await rm(root, { recursive: true });
  }
});
