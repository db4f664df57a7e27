// What the build takes in place of packages, so that a start does not read and run what it does not need: see scripts/stand-ins.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-state.mjs';

const folder = join(root, 'scripts/stand-ins');
const files = new Map(readdirSync(folder).map((name) => [name.replace(/\.[cm]js$/, ''), join(folder, name)]));
/** Messages in some fifty languages that nobody shows. */
const LOCALES = '\0zod-locales';

/** Whether a package is asked for by what stands in for it: it stays outside until it is needed. Only zod is needed at once. */
export const isLate = (id, importer) => importer === LOCALES || (id !== 'zod' && files.has(id) && files.get(id) === importer);

/** For rolldown. */
export const standIns = {
  name: 'stand-ins',
  resolveId(id, importer) {
    if (id.endsWith('/locales/index.js') && importer?.includes('/node_modules/zod/')) return LOCALES;
    const file = files.get(id);
    return file === undefined || file === importer ? null : file;
  },
  load: (id) => (id === LOCALES ? lateLocales() : null),
};

/** The languages of zod, each read when it is asked for. */
function lateLocales() {
  const index = readFileSync(join(root, 'node_modules/zod/v4/locales/index.js'), 'utf8');
  const found = [...index.matchAll(/export \{ default as (\w+) \} from "\.\/([\w-]+)\.js"/g)];
  const lines = found.map(([, name, file]) => `  get ${name}() { return late(require("zod/v4/locales/${file}.cjs")); },`);
  return `const late = (found) => found.default ?? found;\nmodule.exports = {\n${lines.join('\n')}\n};\n`;
}
