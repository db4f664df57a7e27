import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { offlineShell } from './scripts/offline-shell.ts';

/** `de.json?language`: what the list of languages needs of a file of words, so that the first page does not carry them all. */
const languageNames: Plugin = {
  name: 'language-names',
  enforce: 'pre',
  load(id) {
    const file = /^(.+\.json)\?language$/.exec(id)?.[1];
    if (file === undefined) return null;
    const words: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const name = typeof words === 'object' && words !== null && 'language.name' in words ? words['language.name'] : undefined;
    if (typeof name !== 'string') this.error(`${file} needs "language.name", "language.direction" and "language.format"`);
    return { code: `export default ${JSON.stringify({ tag: basename(file, '.json'), name })}`, moduleType: 'js' };
  },
};

/** The web client. Files under `public/static` are copied as they are; everything else gets a hash in its name. */
export default defineConfig({
  root: 'public',
  publicDir: 'static',
  plugins: [languageNames, offlineShell()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/public',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The content security policy allows data: for pictures only, so fonts and the like stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
