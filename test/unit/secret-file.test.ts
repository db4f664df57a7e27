import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOrCreateSecret } from '../../src/infrastructure/secret-file.ts';

describe('readOrCreateSecret', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secret-file-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes a long random key in a folder that does not exist yet, and reads the same key afterwards', async () => {
    const path = join(folder, 'data', 'jwt-secret');
    const first = await readOrCreateSecret(path);
    expect(first).toMatch(/^[\w-]{64}$/);
    expect(await readOrCreateSecret(path)).toBe(first);
    expect(await readOrCreateSecret(join(folder, 'other'))).not.toBe(first);
  });

  it('lets nobody but the owner read the file and leaves no other file behind', async () => {
    await readOrCreateSecret(join(folder, 'jwt-secret'));
    expect((await stat(join(folder, 'jwt-secret'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['jwt-secret']);
  });

  it('gives one key to many callers that start at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecret(join(folder, 'jwt-secret'))));
    expect(new Set(keys).size).toBe(1);
    expect(await readdir(folder)).toEqual(['jwt-secret']);
  });

  it('refuses a file that was cut short and never prints what it holds', async () => {
    await writeFile(join(folder, 'jwt-secret'), 'Xq7-short');
    await expect(readOrCreateSecret(join(folder, 'jwt-secret'))).rejects.toThrow(/shorter than 32 bytes/);
    await expect(readOrCreateSecret(join(folder, 'jwt-secret'))).rejects.not.toThrow(/Xq7/);
  });
});
