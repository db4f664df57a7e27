// What a browser must load before the first paint, as index.html names it: entry, preloaded chunks, styles. What is fetched
// later, when a page or a part of one is opened, has limits of its own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const page = 'dist/public/index.html';
if (!existsSync(page)) throw new Error('There is no dist/public: run npm run build first.');
const named = [...readFileSync(page, 'utf8').matchAll(/(?:src|href)="\/?([^":]+\.(?:js|css))"/g)].map((match) => `dist/public/${match[1]}`);
const scripts = named.filter((file) => file.endsWith('.js'));
const assets = readdirSync('dist/public/assets');

/** Scripts and styles of a part that is fetched by itself. */
function part(name) {
  const files = assets.filter((file) => new RegExp(`^${name}-[\\w-]{8}\\.(?:js|css)$`).test(file));
  if (files.length === 0) throw new Error(`There is no ${name} among the built files: was it renamed, or joined with another?`);
  return files.map((file) => `dist/public/assets/${file}`);
}

export default [
  { name: 'first load: page, scripts and styles', path: [page, ...named], gzip: true, limit: '95 kB' },
  { name: 'first load: scripts', path: scripts, gzip: true, limit: '80 kB' },
  { name: 'words of the largest language, first and later', path: [...part('ar')], gzip: true, limit: '26 kB' },
  { name: 'the administrator’s page', path: part('admin-page'), gzip: true, limit: '14 kB' },
  { name: 'the check-up', path: [...part('doctor-page'), ...part('finding-list')], gzip: true, limit: '6 kB' },
  { name: 'a card of image work', path: ['job-card', 'job-row', 'compare-dialog', 'jobs'].flatMap(part), gzip: true, limit: '10 kB' },
  { name: 'the pages of jobs and pictures', path: ['jobs-page', 'gallery-page', 'page-list'].flatMap(part), gzip: true, limit: '6 kB' },
  { name: 'the page of plugins', path: ['plugins-page', 'schema-form'].flatMap(part), gzip: true, limit: '9 kB' },
  { name: 'the widget for other pages', path: 'dist/public/widget.js', gzip: true, limit: '4 kB' },
  { name: 'gauge, microphone, reader and quoting', path: part('composer-extras'), gzip: true, limit: '8 kB' },
  { name: 'two answers beside each other', path: part('compare-answers'), gzip: true, limit: '4 kB' },
  { name: 'notifications and the offline copy', path: ['start-device', 'offline-chats'].flatMap(part), gzip: true, limit: '6 kB' },
  { name: 'the service worker', path: 'dist/public/sw.js', gzip: true, limit: '4 kB' },
  {
    name: 'what plugins show',
    path: ['surface-section', 'element-view', 'field-view', 'surface'].flatMap(part),
    gzip: true,
    limit: '18 kB',
  },
  { name: 'the steps to an answer', path: part('steps'), gzip: true, limit: '2 kB' },
  { name: 'a table of a plugin', path: part('table-view'), gzip: true, limit: '3 kB' },
  { name: 'a plot of a plugin', path: part('plot-view'), gzip: true, limit: '9 kB' },
  { name: 'the settings', path: part('settings-body'), gzip: true, limit: '4 kB' },
  { name: 'sections of the settings about the account', path: part('account-sections'), gzip: true, limit: '8 kB' },
  {
    name: 'the palette and the sheet of keys',
    path: ['palette-dialog', 'shortcuts-dialog', 'key-caps'].flatMap(part),
    gzip: true,
    limit: '8 kB',
  },
  {
    name: 'prompts, folders, archive and trash',
    path: ['prompts-dialog', 'folder-dialogs', 'archive-page', 'trash-page'].flatMap(part),
    gzip: true,
    limit: '9 kB',
  },
  { name: 'a shared copy', path: ['shared-page', 'reader', 'more-marker'].flatMap(part), gzip: true, limit: '6 kB' },
  { name: 'sharing and printing', path: ['share-dialog', 'shares', 'print-dialog'].flatMap(part), gzip: true, limit: '5 kB' },
  { name: 'the reader of other exports', path: part('import-worker'), gzip: true, limit: '10 kB' },
  { name: 'formulas, with the first one', path: part('formula-renderer'), gzip: true, limit: '64 kB' },
  { name: 'find in a conversation', path: part('find-bar'), gzip: true, limit: '4 kB' },
];
