// What one benchmark prints and leaves behind as JSON: groups of figures, each with its repetitions and, where there is one, its target.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { judgedWhenQuick, targets } from '../targets.mjs';
import { median } from './measure.mjs';

/** Few repetitions, small loads: what CI runs. */
export const quick = process.env.BENCH_QUICK === '1';
/** Where the results lie, one file for each benchmark. */
export const resultsFolder = process.env.BENCH_OUT ?? join(root, 'dist/bench');

const plain = (value, digits) =>
  Number.isFinite(value) ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }) : '-';

/** @returns such as `1.84 x [1.80..1.91]` */
export function shown({ values, unit, digits, without }) {
  if (values.length === 0) return 'not measured';
  const spread = values.length > 1 ? ` [${plain(Math.min(...values), digits)}..${plain(Math.max(...values), digits)}]` : '';
  return `${plain(median(values), digits)}${unit === '' ? '' : ` ${unit}`}${spread}${without === undefined ? '' : `, ${without} without`}`;
}

/** @returns such as `at most 2 x` */
export function aim({ most, least, reach, unit = '' }) {
  const side = most === undefined ? `at least ${plain(least, 0)}` : `at most ${most}`;
  return `${side}${unit === '' ? '' : ` ${unit}`}${reach === undefined ? '' : `, reach for ${reach}`}`;
}

/** @returns the honest word beside a target */
export const wordOf = ({ values, met }) => (values.length === 0 ? 'not measured' : met ? 'met' : 'MISSED');

/** @returns whether the median meets the target */
export function meets({ most, least }, values) {
  const middle = median(values);
  return Number.isFinite(middle) && (most === undefined || middle <= most) && (least === undefined || middle >= least);
}

/**
 * @param name of the benchmark; the target of a figure is `targets['<name>.<id>']`
 * @returns `group` begins a table, `figure` adds a row, `note` a line of words without figures, `close` writes the JSON
 */
export function openReport(name) {
  const begun = performance.now();
  const result = {
    name,
    quick,
    startedAt: new Date().toISOString(),
    load: loadavg()[0],
    commit: process.env.BENCH_COMMIT ?? '',
    groups: [],
    notes: [],
  };
  const judged = !quick || judgedWhenQuick.includes(name);
  let group;
  const open = (title) => {
    group = { title, figures: [] };
    result.groups.push(group);
    console.log(`\n${title}`);
  };
  return {
    quick,
    group: open,
    /**
     * @param id stable and unique within the benchmark: `docs` and comparisons find it by it
     * @param label what a reader calls it
     * @param all the repetitions; NaN where there was nothing to measure, which is said
     * @returns the median
     */
    figure(id, label, all, { unit = 'ms', digits = 2 } = {}) {
      if (group === undefined) open(name);
      const target = judged ? targets[`${name}.${id}`] : undefined;
      const values = all.filter(Number.isFinite);
      const figure = { id, label, unit, digits, values };
      if (values.length < all.length) figure.without = all.length - values.length;
      if (target !== undefined) Object.assign(figure, { target: aim(target), met: meets(target, values) });
      group.figures.push(figure);
      const verdict = target === undefined ? '' : `${figure.target}  ${wordOf(figure)}`;
      console.log(`  ${label.padEnd(62)} ${shown(figure).padEnd(34)} ${verdict}`);
      return median(values);
    },
    note(text) {
      result.notes.push(text);
      console.log(`  ${text}`);
    },
    /** Something was lost, refused or wrong: the run ends badly, whatever the figures say. */
    fail(text) {
      result.notes.push(`**${text}**`);
      console.error(`  !! ${text}`);
      process.exitCode = 1;
    },
    close() {
      result.seconds = Math.round((performance.now() - begun) / 1000);
      mkdirSync(resultsFolder, { recursive: true });
      writeFileSync(join(resultsFolder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
    },
  };
}
