import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const requireAsExpress = createRequire(require.resolve('express'));

interface MimeTypes {
  contentType(type: string): string | false;
  lookup(path: string): string | false;
  readonly charsets: { lookup(type: string): string | false };
}

interface Iconv {
  encodingExists(encoding: string): boolean;
  getDecoder(encoding: string): { write(bytes: Buffer): string; end(): string | undefined };
}

const mime: MimeTypes = require('../../scripts/stand-ins/mime-types.cjs');
const realMime: MimeTypes = requireAsExpress('mime-types');
const iconv: Iconv = require('../../scripts/stand-ins/iconv-lite.cjs');
const realIconv: Iconv = requireAsExpress('iconv-lite');

describe('what the built server has in place of packages', () => {
  it.each([
    ...['json', 'html', 'txt', '.css', 'png', 'nothing-at-all'],
    ...['application/json', 'text/html', 'text/plain', 'text/css', 'application/octet-stream', 'text/x-odd', 'application/xml'],
    ...['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/svg+xml', 'text/html; charset=utf-8', 'text/css; x=charset', ''],
  ])('names the type of "%s" as mime-types does', (type) => {
    expect(mime.contentType(type)).toBe(realMime.contentType(type));
    expect(mime.lookup(type)).toBe(realMime.lookup(type));
    expect(mime.charsets.lookup(type)).toBe(realMime.charsets.lookup(type));
  });

  it.each([
    ['plain', [Buffer.from('{"a":1}')]],
    ['cut inside a letter', [Buffer.from([0xd8]), Buffer.from([0xb3, 0xd9]), Buffer.from([0x84])]],
    ['with a mark before it, cut', [Buffer.from([0xef]), Buffer.from([0xbb, 0xbf, 0x7b]), Buffer.from('\uFEFF}')]],
    ['that is no UTF-8 and ends too early', [Buffer.from([0xff, 0x41, 0xc3])]],
  ])('reads a body %s as iconv-lite does', (_name, pieces) => {
    const read = ({ getDecoder }: Iconv, encoding: string): string => {
      const decoder = getDecoder(encoding);
      return pieces.map((piece) => decoder.write(piece)).join('') + (decoder.end() ?? '');
    };
    for (const encoding of ['utf-8', 'UTF8', 'utf-16le', 'latin1']) expect(read(iconv, encoding)).toBe(read(realIconv, encoding));
  });

  it('knows the same encodings, and refuses others in the same words', () => {
    for (const encoding of ['utf-8', 'utf-32', 'shift_jis', 'none'])
      expect(iconv.encodingExists(encoding)).toBe(realIconv.encodingExists(encoding));
    expect(() => iconv.getDecoder('none')).toThrow(/Encoding not recognized/);
  });
});
