/** A line as it was read; `score` is the mean certainty of its characters, 0..1. */
export interface ReadLine {
  readonly text: string;
  readonly score: number;
}

/** The network often favours nothing over a space between two words: this likelihood of a space, 0..1, is enough. */
const spaceThreshold = 0.02;
/** Scripts that are written without spaces: Chinese characters, kana, and their punctuation. */
const unspaced = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;

/**
 * Greedy reading of a CTC output (Graves et al. 2006): in each column the likeliest class; what repeats is one character,
 * class 0 is none. The last class is a space.
 * @param values columns times classes, as probabilities
 * @param characters what class 1, 2, ... stand for
 */
export function readColumns(values: Float32Array, classes: number, characters: readonly string[]): ReadLine {
  const space = classes - 1;
  const read: string[] = [];
  let sum = 0;
  let count = 0;
  let before = 0;
  let likeliestSpace = 0;
  for (let start = 0; start + classes <= values.length; start += classes) {
    const best = likeliest(values, start, classes);
    if (best !== 0 && best !== before) {
      const character = characters[best - 1] ?? '';
      if (best !== space && likeliestSpace > spaceThreshold && belongApart(read.at(-1), character)) read.push(' ');
      read.push(character);
      sum += values[start + best] ?? 0;
      count += 1;
    }
    likeliestSpace = best === 0 ? Math.max(likeliestSpace, values[start + space] ?? 0) : 0;
    before = best;
  }
  return { text: read.join(''), score: count === 0 ? 0 : sum / count };
}

function likeliest(values: Float32Array, start: number, classes: number): number {
  let best = 0;
  for (let index = 1; index < classes; index += 1) {
    if ((values[start + index] ?? 0) > (values[start + best] ?? 0)) best = index;
  }
  return best;
}

function belongApart(left: string | undefined, right: string): boolean {
  return left !== undefined && left !== ' ' && right !== ' ' && !unspaced.test(left) && !unspaced.test(right);
}

/** The characters of the network: one a line, the last class is a space. */
export function charactersFrom(file: string): string[] {
  const lines = file.replaceAll('\r', '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return [...lines, ' '];
}
