// Refuses functions of more than 60 lines of their own, and prints the longest, so that growth is seen before the cap.
// Lines of functions inside a function are theirs, not its: a factory that returns ten short functions is ten short functions.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './build-state.mjs';

const LIMIT = 60;
/** Markup is long and flat. */
const COMPONENT_LIMIT = 120;
const SHOWN = 5;
const folders = ['src', 'public/app', 'plugins'];
const found = [];
for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
  const files = readdirSync(join(root, folder), { recursive: true }).filter((name) => /\.tsx?$/.test(name));
  for (const file of files) {
    const path = join(folder, file);
    const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
    measure(source, source);
  }
}
found.sort((a, b) => b.lines - a.lines);
for (const { lines, name, file } of found.slice(0, SHOWN)) console.log(`${String(lines).padStart(4)} lines  ${name}  ${file}`);
const tooLong = found.filter(({ lines, file }) => lines > (file.endsWith('.tsx') ? COMPONENT_LIMIT : LIMIT));
for (const { lines, name, file } of tooLong) console.error(`Too long: ${name} in ${file} has ${lines} lines of its own.`);
if (found.length < 100) console.error(`Only ${found.length} functions were seen: the check is blind.`);
process.exit(tooLong.length > 0 || found.length < 100 ? 1 : 0);

/** @returns lines of the functions in this node, which its own function does not count */
function measure(node, source) {
  let nested = 0;
  ts.forEachChild(node, (child) => {
    nested += measure(child, source);
  });
  if (!ts.isFunctionLike(node) || node.body === undefined) return nested;
  const line = (position) => source.getLineAndCharacterOfPosition(position).line;
  const lines = line(node.end) - line(node.getStart(source)) + 1;
  const name = node.name?.getText(source) ?? node.parent?.name?.getText?.(source) ?? '(anonymous)';
  found.push({ lines: lines - nested, name, file: source.fileName });
  return lines > 1 ? lines - 1 : 0;
}
