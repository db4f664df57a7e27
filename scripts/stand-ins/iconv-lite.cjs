'use strict';
// In place of `iconv-lite` in the built server, which takes bodies in UTF-8 alone: its 560 kB of other encodings stay outside.
const { StringDecoder } = require('node:string_decoder');
const utf8 = /^utf-?8$/i;
const all = () => require('iconv-lite');

/** Leaves out the mark that a text may begin with, as `iconv-lite` does. */
function createDecoder() {
  const decoder = new StringDecoder('utf8');
  let begun = false;
  const plain = (text) => {
    if (begun || text === '') return text;
    begun = true;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  };
  return { write: (bytes) => plain(decoder.write(bytes)), end: () => plain(decoder.end()) };
}

module.exports = {
  encodingExists: (encoding) => utf8.test(encoding) || all().encodingExists(encoding),
  getDecoder: (encoding, options) => (utf8.test(encoding) && options === undefined ? createDecoder() : all().getDecoder(encoding, options)),
  decode: (bytes, encoding, options) => all().decode(bytes, encoding, options),
  encode: (text, encoding, options) => all().encode(text, encoding, options),
};
