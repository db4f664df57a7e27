// Statistics of few repetitions.

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** @param share 0 to 1 @returns the nearest rank; NaN of nothing */
export const quantile = (values, share) => {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

/** Each repetition against the baseline that was measured beside it: what the machine did to both cancels out. */
export const ratios = (values, baseline) => values.map((value, index) => value / baseline[index]);

/** @returns what the repetitions of `measure` returned, one object of arrays instead of an array of objects */
export async function repeat(times, measure) {
  const all = {};
  for (let round = 0; round < times; round += 1) {
    for (const [name, value] of Object.entries(await measure(round))) (all[name] ??= []).push(value);
  }
  return all;
}
