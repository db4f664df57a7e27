import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBlobs } from '../../../src/infrastructure/blobs/local-blobs.ts';
import { describeBlobStore } from '../../support/blob-store-contract.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-blobs-'));
});
afterEach(() => rm(directory, { recursive: true }));

const setup = () => ({ blobs: createLocalBlobs({ directory: join(directory, 'blobs') }), directory });

describe('local blobs', () => {
  describeBlobStore(setup);

  it('lists nothing where nothing was ever stored', async () => {
    for await (const found of setup().blobs.list()) throw new Error(`found ${found.key}`);
    expect(await setup().blobs.sweepUnfinished(Date.now())).toBe(0);
  });

  it('keeps files and folders from other users of the machine', async () => {
    const { blobs } = setup();
    await blobs.put('a/b', Readable.from([Buffer.from('a')]));
    const entries = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect(entries.some((entry) => entry.isFile())).toBe(true);
  });

  it('leaves no temporary file behind when a source fails', async () => {
    const { blobs } = setup();
    const broken = new Readable({ read() {} });
    const put = blobs.put('a/b', broken);
    broken.push('half');
    broken.destroy(new Error('cut off'));
    await expect(put).rejects.toThrow('cut off');
    expect(await readdir(join(directory, 'blobs', 'unfinished'))).toEqual([]);
  });

  it('sweeps what a killed process left half-written, once it is old', async () => {
    const { blobs } = setup();
    await mkdir(join(directory, 'blobs', 'unfinished'), { recursive: true });
    await writeFile(join(directory, 'blobs', 'unfinished', 'left'), 'half');
    expect(await blobs.sweepUnfinished(Date.now() - 60_000)).toBe(0);
    expect(await blobs.sweepUnfinished(Date.now() + 60_000)).toBe(1);
    expect(await readdir(join(directory, 'blobs', 'unfinished'))).toEqual([]);
  });
});
