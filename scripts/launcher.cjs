'use strict';
// Becomes dist/server/main.js: runs server.js beside it. The build has compiled that and its chunks ahead (scripts/compile-ahead.mjs); such code is
// taken only for the same source by the same build of Node with the same flags, otherwise it is compiled as ever.
const { createHash } = require('node:crypto');
const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** The build listens here for what was compiled. */
const compiled = globalThis[Symbol.for('jarvis-argus.compiled')];
const asEver = require.extensions['.js'];
/** V8 asks for its own version only. Node 20.19 and 20.20 have the same one, and the first dies of what the second has compiled. */
const madeBy = JSON.stringify([process.versions, process.arch, process.platform, process.config.variables]);
const DIGEST_BYTES = 32;
const before = Buffer.from('(function (exports, require, module, __filename, __dirname) {', 'latin1');
const after = Buffer.from('\n})', 'latin1');
/** Every file is read into the same room, one after the other: each for itself would be kept until the heap is collected, long after the start. */
let kept = new WeakRef(Buffer.allocUnsafeSlow(0));

function roomFor(size) {
  const room = kept.deref();
  if (room !== undefined && room.length >= size) return room;
  const larger = Buffer.allocUnsafeSlow(size);
  kept = new WeakRef(larger);
  return larger;
}

/** V8 compares the length of a source, not the source, and nothing of the code but its length. */
function digestOf(source, code) {
  return createHash('sha256').update(madeBy).update(source).update(code).digest();
}

function open(filename) {
  try {
    const fd = openSync(filename);
    return { fd, size: fstatSync(fd).size };
  } catch {
    return undefined;
  }
}

/** @returns its bytes as a part of `room`, from `start` on */
function readAt(room, start, { fd, size }) {
  let read = 0;
  while (read < size) {
    const count = readSync(fd, room, start + read, size - read, read);
    if (count === 0) break;
    read += count;
  }
  closeSync(fd);
  return room.subarray(start, start + read);
}

/** @returns undefined where the build compiled nothing ahead. Apart from what runs the script, which is kept as long as the server. */
function scriptOf(filename) {
  const ahead = open(`${filename}.code`);
  if (ahead === undefined) return undefined;
  const own = open(filename);
  const end = before.length + own.size + after.length;
  // V8 copies code that does not begin at such a place.
  const aligned = Math.ceil(end / 8) * 8;
  const room = roomFor(aligned + ahead.size);
  const bytes = readAt(room, before.copy(room), own);
  after.copy(room, before.length + bytes.length);
  // The build leaves ASCII only: one byte a character in memory.
  const source = room.latin1Slice(0, before.length + bytes.length + after.length);
  const file = readAt(room, aligned, ahead);
  const code = file.subarray(DIGEST_BYTES);
  const fits = code.length > 0 && digestOf(bytes, code).equals(file.subarray(0, DIGEST_BYTES));
  const script = new Script(source, { filename, ...(fits ? { cachedData: code } : {}) });
  if (compiled !== undefined) record(filename, Buffer.from(bytes), script);
  return script;
}

function record(filename, bytes, script) {
  compiled(filename, () => {
    const made = script.createCachedData();
    return Buffer.concat([digestOf(bytes, made), made]);
  });
}

require.extensions['.js'] = (module, filename) => {
  const run = filename.startsWith(__dirname) ? scriptOf(filename)?.runInThisContext() : undefined;
  if (run === undefined) asEver(module, filename);
  else run.call(module.exports, module.exports, (id) => module.require(id), module, filename, dirname(filename));
};

require(join(__dirname, 'server.js'));
