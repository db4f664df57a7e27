// Prints the longest functions of src, so that growth is seen before the lint's cap stops it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './build-state.mjs';

const SHOWN = 5;
const found = [];
for (const file of readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'))) {
  const source = ts.createSourceFile(file, readFileSync(join(root, 'src', file), 'utf8'), ts.ScriptTarget.Latest, true);
  visit(source, source);
}
found.sort((a, b) => b.lines - a.lines);
for (const { lines, name, file } of found.slice(0, SHOWN)) console.log(`${String(lines).padStart(4)} lines  ${name}  src/${file}`);

function visit(node, source) {
  if (ts.isFunctionLike(node) && node.body !== undefined) {
    const line = (position) => source.getLineAndCharacterOfPosition(position).line;
    const name = node.name?.getText(source) ?? node.parent?.name?.getText?.(source) ?? '(anonymous)';
    found.push({ lines: line(node.end) - line(node.getStart(source)) + 1, name, file: source.fileName });
  }
  ts.forEachChild(node, (child) => visit(child, source));
}
