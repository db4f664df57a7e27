// What a browser must load before the first paint, as index.html names it: entry, preloaded chunks, styles.
import { existsSync, readFileSync } from 'node:fs';

const page = 'dist/public/index.html';
if (!existsSync(page)) throw new Error('There is no dist/public: run npm run build first.');
const named = [...readFileSync(page, 'utf8').matchAll(/(?:src|href)="\/?([^":]+\.(?:js|css))"/g)].map((match) => `dist/public/${match[1]}`);
const scripts = named.filter((file) => file.endsWith('.js'));

export default [
  { name: 'first load: page, scripts and styles', path: [page, ...named], gzip: true, limit: '150 kB' },
  { name: 'first load: scripts', path: scripts, gzip: true, limit: '100 kB' },
];
