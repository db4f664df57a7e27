// Figures as Markdown, between the marks of a document: `<!-- bench:<name> -->` ... `<!-- /bench -->`.
import { shown } from './report.mjs';
import { readResult } from './results.mjs';
import { targetRows } from './target-table.mjs';

const marks = /<!-- bench:([a-z-]+) -->\n[\s\S]*?<!-- \/bench -->/g;
const rowOf = (cells) => `| ${cells.join(' | ')} |`;

function tableOf(head, rows) {
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)].join('\n');
}

function renderGroup({ title, figures }) {
  const targeted = figures.some(({ target }) => target !== undefined);
  const head = ['', 'measured', ...(targeted ? ['target'] : [])];
  const verdict = ({ target, met }) => (target === undefined ? '' : `${target}${met ? '' : ', **missed**'}`);
  const rows = figures.map((figure) => [figure.label, shown(figure), ...(targeted ? [verdict(figure)] : [])]);
  return `${title}:\n\n${tableOf(head, rows)}`;
}

function renderMachine(folder) {
  const about = readResult('machine', folder);
  if (about === null) return 'Not published yet.';
  return `Node ${about.node}, ${about.cpu}, ${about.memoryGiB} GiB, ${about.system}, ${about.date}, commit \`${about.commit}\`.`;
}

function renderTargets(folder) {
  const rows = targetRows((name) => readResult(name, folder)).map(({ words, aim, figure, word }) => [
    words,
    aim,
    figure,
    word === 'met' ? word : `**${word}**`,
  ]);
  return tableOf(['what', 'target', 'measured', ''], rows);
}

function renderOne(name, folder) {
  if (name === 'machine') return renderMachine(folder);
  if (name === 'targets') return renderTargets(folder);
  const result = readResult(name, folder);
  if (result === null) return 'Not published yet.';
  return [...result.groups.map(renderGroup), ...result.notes].join('\n\n');
}

/** @param text a document @returns the same with what stands between its marks written anew from the results */
export function renderAll(text, folder) {
  return text.replaceAll(marks, (_, name) => `<!-- bench:${name} -->\n\n${renderOne(name, folder)}\n\n<!-- /bench -->`);
}
