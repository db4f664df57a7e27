'use strict';
// Becomes dist/server/main.js: runs server.js beside it. The build has compiled that and its chunks ahead (scripts/compile-ahead.mjs); such code is
// taken only for the same source by the same build of Node with the same flags, otherwise it is compiled as ever.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** The build listens here for what was compiled. */
const compiled = globalThis[Symbol.for('jarvis-argus.compiled')];
const asEver = require.extensions['.js'];
/** V8 asks for its own version only. Node 20.19 and 20.20 have the same one, and the first dies of what the second has compiled. */
const madeBy = JSON.stringify([process.versions, process.arch, process.platform, process.config.variables]);
const DIGEST_BYTES = 32;

function codeOf(filename) {
  try {
    return readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
}

/** V8 compares the length of a source, not the source, and nothing of the code but its length. */
function digestOf(source, code) {
  return createHash('sha256').update(madeBy).update(source).update(code).digest();
}

require.extensions['.js'] = (module, filename) => {
  const file = filename.startsWith(__dirname) ? codeOf(filename) : undefined;
  if (file === undefined) return asEver(module, filename);
  const bytes = readFileSync(filename);
  const code = file.subarray(DIGEST_BYTES);
  const fits = code.length > 0 && digestOf(bytes, code).equals(file.subarray(0, DIGEST_BYTES));
  // The build leaves ASCII only: one byte a character in memory.
  const source = `(function (exports, require, module, __filename, __dirname) {${bytes.toString('latin1')}\n})`;
  const script = new Script(source, { filename, ...(fits ? { cachedData: code } : {}) });
  compiled?.(filename, () => {
    const made = script.createCachedData();
    return Buffer.concat([digestOf(bytes, made), made]);
  });
  script.runInThisContext().call(module.exports, module.exports, (id) => module.require(id), module, filename, dirname(filename));
};

require(join(__dirname, 'server.js'));
