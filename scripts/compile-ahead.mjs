// Starts the built server once, on an empty folder, and keeps what V8 compiled of it beside each file (`<file>.code`): the next start compiles nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT_MS = 60_000;

/**
 * @param outDir of the server
 * @param files in it that are to be compiled ahead
 * @returns whether it worked; the server runs without it as well
 */
export async function compileAhead(outDir, files) {
  // Empty: compile this one and say so.
  for (const file of files) writeFileSync(join(outDir, `${file}.code`), '');
  const dataDir = mkdtempSync(join(tmpdir(), 'compile-ahead-'));
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1' };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), outDir], { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    if (said.includes('"msg":"ready"') && child.connected) child.send('write', () => {});
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  rmSync(dataDir, { recursive: true, force: true });
  if (code === 0) return true;
  for (const file of files) rmSync(join(outDir, `${file}.code`), { force: true });
  console.warn(`The server was not compiled ahead and will start slower:\n${said}`);
  return false;
}

/** In the child: runs the server and writes when told to. */
function record(outDir) {
  // The server takes the rest of the line for its own.
  process.argv.splice(2);
  const codes = new Map();
  globalThis[Symbol.for('jarvis-argus.compiled')] = (filename, codeOf) => codes.set(filename, codeOf);
  process.once('message', () => {
    for (const [filename, codeOf] of codes) writeFileSync(`${filename}.code`, codeOf());
    process.kill(process.pid, 'SIGTERM');
  });
  createRequire(import.meta.url)(join(outDir, 'main.js'));
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined) record(process.argv[2]);
