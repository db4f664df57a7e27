// The service worker of the client: built beside the page, and told which files there are.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { pageAddresses } from '../src/protocol/page-addresses.ts';

const source = 'app/offline/service-worker.ts';
/** Files of public/static that the page itself asks for. */
const staticFiles = ['theme.js', 'icon.svg'];

/** Builds the service worker as `/sw.js`, with the names of all files in it: it changes with each of them, so browsers see a new version. */
export function offlineShell(): Plugin {
  let folder = '';
  return {
    name: 'offline-shell',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = config.root;
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: join(folder, source), fileName: 'sw.js' });
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') return this.error('sw.js was not built');
        if (worker.imports.length + worker.dynamicImports.length > 0) this.error('the service worker must be one file');
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return this.error('index.html was not built');
        const shell = JSON.stringify(shellOf(String(page.source), Object.keys(bundle), folder));
        worker.code = worker.code.replace('__SHELL__', () => shell);
      },
    },
  };
}

/** What the worker has to know: see its declaration of `__SHELL__`. */
function shellOf(page: string, names: readonly string[], folder: string) {
  const built = names.filter((name) => /\.(?:js|css|woff2)$/.test(name) && name !== 'sw.js').sort();
  const named = built.filter((name) => page.includes(`/${name}"`));
  const hash = createHash('sha256').update(page).update(built.join('\n'));
  for (const name of readdirSync(join(folder, 'static')).sort()) hash.update(readFileSync(join(folder, 'static', name)));
  const path = (name: string) => `/${name}`;
  return {
    version: hash.digest('hex').slice(0, 16),
    first: ['', ...staticFiles, ...named].map(path),
    all: [...staticFiles, ...built].map(path),
    pages: Object.values(pageAddresses),
  };
}
