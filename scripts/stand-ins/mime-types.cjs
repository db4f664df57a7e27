'use strict';
// In place of `mime-types` in the built server: its maps of 2,500 names are made when a type is asked for that is not among these.
const known = new Map([
  ['json', 'application/json; charset=utf-8'],
  ['html', 'text/html; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['application/json', 'application/json; charset=utf-8'],
  ['text/html', 'text/html; charset=utf-8'],
  ['text/plain', 'text/plain; charset=utf-8'],
  ['text/css', 'text/css; charset=utf-8'],
  ['application/octet-stream', 'application/octet-stream'],
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
  ['image/gif', 'image/gif'],
]);
const all = () => require('mime-types');

module.exports = {
  contentType(type) {
    const isWhole = typeof type === 'string' && type.includes('/') && type.includes('charset');
    return isWhole ? type : (known.get(type) ?? all().contentType(type));
  },
  charset: (type) => all().charset(type),
  charsets: { lookup: (type) => all().charset(type) },
  extension: (type) => all().extension(type),
  lookup: (path) => all().lookup(path),
  get types() {
    return all().types;
  },
  get extensions() {
    return all().extensions;
  },
};
