import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type CompileAhead = (folder: string, files: readonly string[]) => Promise<boolean>;
const { compileAhead }: { readonly compileAhead: CompileAhead } = await import(
  new URL('../../scripts/compile-ahead.mjs', import.meta.url).href
);

/** Says what it is; while it is recorded it says that it is ready, and stays until it is told to end. */
const server = (name: string) => `
  const run = function () { return 'this is the ${name} one'; };
  console.log(run());
  if (process.send) { process.on('SIGTERM', () => process.exit(0)); console.log('{"msg":"ready"}'); }
`;

/** Says whether code was handed to V8. The second is another Node on the same V8. */
const watching = `
  const vm = require('node:vm');
  const { Script } = vm;
  vm.Script = class extends Script {
    constructor(source, options) { super(source, options); console.log(options.cachedData ? 'compiled ahead' : 'compiled now'); }
  };`;
const otherNode = `${watching}
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } });`;

describe('code that was compiled ahead', () => {
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jarvis-compiled-'));
    copyFileSync(new URL('../../scripts/launcher.cjs', import.meta.url), join(folder, 'main.js'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    writeFileSync(join(folder, 'watching.cjs'), watching);
    writeFileSync(join(folder, 'other-node.cjs'), otherNode);
    writeFileSync(join(folder, 'server.js'), server('first'));
    expect(await compileAhead(folder, ['server.js'])).toBe(true);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(preload = 'watching.cjs'): string[] {
    const output = execFileSync(process.execPath, ['--require', join(folder, preload), join(folder, 'main.js')], { encoding: 'utf8' });
    return output.trim().split('\n');
  }

  it('is taken by the Node that made it', () => {
    expect(start()).toEqual(['compiled ahead', 'this is the first one']);
  });

  it('is not taken by another Node with the same V8, which can die of it', () => {
    expect(start('other-node.cjs')).toEqual(['compiled now', 'this is the first one']);
  });

  it('is not taken for another source of the same length', () => {
    writeFileSync(join(folder, 'server.js'), server('other'));
    expect(start()).toEqual(['compiled now', 'this is the other one']);
  });

  it('is not taken when it is damaged, cut or empty', () => {
    const file = join(folder, 'server.js.code');
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 255, middle);
    writeFileSync(file, bytes);
    expect(start()).toEqual(['compiled now', 'this is the first one']);
    for (const length of [bytes.length - 8, 20, 0]) {
      truncateSync(file, length);
      expect(start()).toEqual(['compiled now', 'this is the first one']);
    }
  });
});
