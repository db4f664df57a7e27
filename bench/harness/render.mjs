// Figures as Markdown, between the marks of a document: `<!-- bench:<name> -->` ... `<!-- /bench -->`.
import { capacityRows } from './capacity.mjs';
import { shown, wordOf } from './report.mjs';
import { readResult } from './results.mjs';
import { targetRows } from './target-table.mjs';

/** Where figures stand in a document. */
export const marks = /<!-- bench:([a-z-]+) -->\n[\s\S]*?<!-- \/bench -->/g;
const rowOf = (cells) => `| ${cells.join(' | ')} |`;

function tableOf(head, rows) {
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)].join('\n');
}

function renderGroup({ title, figures }) {
  const targeted = figures.some(({ target }) => target !== undefined);
  const head = ['', 'measured', ...(targeted ? ['target'] : [])];
  const verdict = (figure) => {
    if (figure.target === undefined) return '';
    const word = wordOf(figure);
    return `${figure.target}${word === 'met' ? '' : `, **${word.toLowerCase()}**`}`;
  };
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
  if (name === 'capacity') return renderCapacity(folder);
  const result = readResult(name, folder);
  if (result === null) return 'Not published yet.';
  const about = `Measured on ${result.startedAt.slice(0, 10)}, commit \`${result.commit}\`, load of the machine before it ${result.load.toFixed(1)}.`;
  return [about, ...result.groups.map(renderGroup), ...result.notes].join('\n\n');
}

function renderCapacity(folder) {
  const rows = capacityRows((name) => readResult(name, folder));
  return tableOf(
    ['what', 'half a CPU', 'one CPU', 'two CPUs', 'how it is reckoned', 'benchmark'],
    rows.map(({ words, sizes, how, bench }) => [words, ...sizes, how, `\`${bench}\``]),
  );
}

/** @param text a document @returns the same with what stands between its marks written anew from the results */
export function renderAll(text, folder) {
  return text.replaceAll(marks, (_, name) => `<!-- bench:${name} -->\n\n${renderOne(name, folder)}\n\n<!-- /bench -->`);
}
