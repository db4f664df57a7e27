'use strict';
// Becomes dist/server/main.js: runs server.js beside it. The build has compiled that and its chunks ahead (scripts/compile-ahead.mjs); V8 takes such
// code only when it was made by the same version with the same flags, otherwise it compiles as ever.
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** The build listens here for what was compiled. */
const compiled = globalThis[Symbol.for('jarvis-argus.compiled')];
const asEver = require.extensions['.js'];

function codeOf(filename) {
  try {
    return readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
}

require.extensions['.js'] = (module, filename) => {
  const code = filename.startsWith(__dirname) ? codeOf(filename) : undefined;
  if (code === undefined) return asEver(module, filename);
  // The build leaves ASCII only: one byte a character in memory.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
  const script = new Script(source, { filename, ...(code.length === 0 ? {} : { cachedData: code }) });
  compiled?.(filename, script);
  script.runInThisContext().call(module.exports, module.exports, (id) => module.require(id), module, filename, dirname(filename));
};

require(join(__dirname, 'server.js'));
