// Reads the licence of every package that is installed for production, refuses those that do not fit an MIT project, and
// writes THIRD-PARTY-NOTICES.md. With --check it only compares, for CI.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-state.mjs';

const accepted = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
]);

/**
 * Exceptions, each with its reason. sharp loads libvips (LGPL) as a shared library out of a package of its own: whoever
 * wants another build of it replaces that package, which is what the LGPL asks for.
 */
const exceptions = [
  {
    name: /^@img\/sharp-/,
    licence: /^(Apache-2\.0 AND )?LGPL-3\.0-or-later( AND MIT)?$/,
    why: 'libvips, dynamically linked and replaceable',
  },
  { name: /^@fontsource/, licence: /^OFL-1\.1$/, why: 'a font, delivered to browsers as a file of its own' },
];

/** Bundled into the client at build, so they are delivered though they are no dependencies at run time. */
const delivered = ['@fontsource-variable/vazirmatn', '@preact/signals', '@preact/signals-core', 'lowlight', 'marked', 'preact'];

const target = join(root, 'THIRD-PARTY-NOTICES.md');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const packages = collectPackages();
const problems = packages.filter(({ name, licence }) => reasonFor(name, licence) === undefined);
for (const { name, version, licence } of problems) console.error(`${name} ${version}: the licence "${licence}" is not on the list.`);

const text = notices();
const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
const outdated = process.argv.includes('--check') && current !== text;
if (outdated) console.error('THIRD-PARTY-NOTICES.md is out of date: run npm run licenses.');
else if (current !== text) writeFileSync(target, text);
console.log(`${packages.length} packages, ${problems.length} licences refused.`);
process.exit(problems.length > 0 || outdated ? 1 : 0);

/** From the lockfile, which names the packages of every platform, so that the result does not depend on the machine. */
function collectPackages() {
  const clientPaths = closure(delivered);
  const entries = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && (!(entry.dev || entry.devOptional) || clientPaths.has(path)),
  );
  const unique = new Map();
  for (const [path, entry] of entries) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    unique.set(`${name}@${entry.version}`, { name, version: entry.version, licence: licenceOf(path, entry), path });
  }
  return [...unique.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** The packages delivered to browsers, with all that they depend on. */
function closure(names) {
  const found = new Set();
  const visit = (name) => {
    const path = `node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry === undefined || found.has(path)) return;
    found.add(path);
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency);
  };
  for (const name of names) visit(name);
  return found;
}

/** The lockfile first: it says the same on every machine. */
function licenceOf(path, entry) {
  if (typeof entry.license === 'string') return entry.license;
  const manifest = join(root, path, 'package.json');
  if (!existsSync(manifest)) return 'unknown';
  const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8'));
  return license?.type ?? license ?? licenses?.map((each) => each.type).join(' OR ') ?? 'unknown';
}

function reasonFor(name, licence) {
  const expression = licence.replaceAll(/[()]/g, '');
  const alternatives = expression.split(' OR ');
  if (alternatives.some((alternative) => alternative.split(' AND ').every((part) => accepted.has(part.trim())))) return 'accepted';
  return exceptions.find((exception) => exception.name.test(name) && exception.licence.test(licence))?.why;
}

function notices() {
  const table = packages.map(({ name, version, licence }) => {
    const why = reasonFor(name, licence);
    return `| ${name} | ${version} | ${licence} |${why === 'accepted' || why === undefined ? '' : ` ${why}`} |`;
  });
  const optional = (path) => lock.packages[path]?.optional === true;
  const texts = packages.filter(({ path }) => !optional(path)).flatMap(licenceText);
  const head = [
    '# Third-party notices',
    '',
    'Jarvis Argus is MIT-licensed. It is delivered with the packages below, each under its own licence.',
    'Written by `npm run licenses`; do not edit.',
    '',
    '| package | version | licence | remark |',
    '|---|---|---|---|',
  ];
  return `${[...head, ...table, '', '## Licence texts', '', ...texts].join('\n').trimEnd()}\n`;
}

function licenceText({ name, version, path }) {
  const folder = join(root, path);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(file));
  return files.sort().flatMap((file) => {
    const content = readFileSync(join(folder, file), 'utf8')
      .replaceAll('\r\n', '\n')
      .replaceAll(/[ \t]+$/gm, '')
      .trim();
    return [`### ${name} ${version}: ${file}`, '', '```text', content.replaceAll('```', "'''"), '```', ''];
  });
}
