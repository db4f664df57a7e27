// The table that a run ends with: every target beside its figure.
import { targets } from '../targets.mjs';
import { aim, shown, wordOf } from './report.mjs';
import { figuresOf, readResult } from './results.mjs';

/** @returns one row for each target: words, target, figure and an honest word */
export function targetRows(read = readResult) {
  return Object.entries(targets).map(([key, target]) => {
    const [name, id] = [key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1)];
    const figure = figuresOf(read(name)).get(id);
    return {
      name,
      words: target.words,
      aim: aim(target),
      figure: figure === undefined ? '' : shown(figure),
      word: figure === undefined ? 'not measured' : wordOf(figure),
    };
  });
}

export function printTargets(names) {
  console.log('\n== targets\n');
  for (const { words, aim: wanted, figure, word } of targetRows().filter((row) => names.includes(row.name))) {
    console.log(`${words.padEnd(92)} ${wanted.padEnd(28)} ${figure.padEnd(34)} ${word}`);
  }
}
