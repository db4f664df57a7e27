import { defineConfig } from 'vite';

/** The web client. Files under `public/static` are copied as they are; everything else gets a hash in its name. */
export default defineConfig({
  root: 'public',
  publicDir: 'static',
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
