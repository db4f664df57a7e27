import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { weaknessOf } from '../lib/secret-strength.ts';

const SECRET_BYTES = 48;

/**
 * The signing key of a server whose operator set none: read from the file, or made (48 random bytes, base64url) and
 * kept there, readable by the owner only. The file appears whole or not at all, and two processes that start at once
 * agree on one key.
 * @throws when the file cannot be read or written, or holds no usable key
 */
export async function readOrCreateSecret(path: string): Promise<string> {
  const existing = await readSecret(path);
  if (existing !== undefined) return existing;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(temporary, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    // link, unlike rename, fails when another process was faster: its key then stays.
    await link(temporary, path).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  const kept = await readSecret(path);
  if (kept === undefined) throw new Error('the file of the signing key vanished while it was made');
  return kept;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    const weakness = weaknessOf(secret);
    if (weakness !== undefined)
      throw new Error(`the signing key kept in the data folder ${weakness}; remove the file to have a new one made`);
    return secret;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name durable. Some systems (Windows) do not let a folder be opened; there the name is durable enough. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
