// Figures of several repetitions, each printed beside its target.

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const plain = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '-');

/** Prints one line: the median, its spread, the target and whether it is met. */
export function figure(name, values, { unit = 'ms', digits = 2, target, most } = {}) {
  const middle = median(values);
  const spread = values.length > 1 ? ` [${plain(Math.min(...values), digits)}..${plain(Math.max(...values), digits)}]` : '';
  const verdict = most === undefined ? '' : middle <= most ? '  met' : '  MISSED';
  const aim = target ?? (most === undefined ? '' : `at most ${most} ${unit}`);
  console.log(`${name.padEnd(52)} ${`${plain(middle, digits)} ${unit}${spread}`.padEnd(30)} ${aim}${verdict}`);
  return middle;
}

export function heading(text) {
  console.log(`\n${text}`);
}
