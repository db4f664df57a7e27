const startToken = '<|startoftext|>';
const endToken = '<|endoftext|>';

/** The words that CLIP sees: letters together, digits alone, other signs together; English endings apart. */
const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** Bytes as characters that can be seen, so that a vocabulary is a text: printable ones stand for themselves, the rest for U+0100 and on. */
function byteLetters(): readonly string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    if (printable) return String.fromCodePoint(byte);
    next += 1;
    return String.fromCodePoint(next - 1);
  });
}

export interface TokenizerFiles {
  /** The content of `vocab.json`. */
  readonly vocabulary: Readonly<Record<string, number>>;
  /** The content of `merges.txt`. */
  readonly merges: string;
  /** The word that fills a short text up; default `<|endoftext|>`. Stable Diffusion 2 and the second encoder of SDXL use `!`. */
  readonly padToken?: string;
}

export interface TokenizedText {
  /** `length` ids: start, text, end, filling. */
  readonly ids: readonly number[];
  /** How many tokens of the text did not fit. */
  readonly dropped: number;
}

export interface ClipTokenizer {
  /** @param length of the result, 77 in all known models */
  tokenize(text: string, length: number): TokenizedText;
}

/** The joins of a vocabulary by rank: `left right`. */
function readMerges(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#version'));
  return new Map(lines.map((line, rank) => [line.trimEnd(), rank]));
}

/** Joins the pair of the lowest rank, everywhere, until none is left. */
function joinPieces(letters: readonly string[], ranks: ReadonlyMap<string, number>): readonly string[] {
  let pieces = letters;
  while (pieces.length > 1) {
    let best = Number.POSITIVE_INFINITY;
    for (let index = 0; index + 1 < pieces.length; index += 1) {
      best = Math.min(best, ranks.get(`${pieces[index]} ${pieces[index + 1]}`) ?? Number.POSITIVE_INFINITY);
    }
    if (best === Number.POSITIVE_INFINITY) break;
    const joined: string[] = [];
    for (let index = 0; index < pieces.length; index += 1) {
      const [left, right] = [pieces[index] ?? '', pieces[index + 1]];
      if (right !== undefined && ranks.get(`${left} ${right}`) === best) {
        joined.push(left + right);
        index += 1;
      } else joined.push(left);
    }
    pieces = joined;
  }
  return pieces;
}

/** The byte-pair tokenizer of CLIP, from the two files that every model of this kind brings. */
export function createClipTokenizer({ vocabulary, merges, padToken }: TokenizerFiles): ClipTokenizer {
  const ids = new Map(Object.entries(vocabulary));
  const ranks = readMerges(merges);
  const letters = byteLetters();
  const end = ids.get(endToken) ?? 49_407;
  const start = ids.get(startToken) ?? 49_406;
  const pad = ids.get(padToken ?? endToken) ?? end;
  const encoder = new TextEncoder();

  function idsOfWord(word: string): number[] {
    const bytes = Array.from(encoder.encode(word), (byte) => letters[byte] ?? '');
    const last = bytes.pop() ?? '';
    return joinPieces([...bytes, `${last}</w>`], ranks).map((piece) => ids.get(piece) ?? end);
  }

  function idsOfPlain(text: string): number[] {
    const words = text.normalize('NFC').toLowerCase().match(wordPattern) ?? [];
    return words.flatMap(idsOfWord);
  }

  return {
    tokenize: (text, length) => {
      // The two marks mean themselves in a text as well, as in the tokenizers of Hugging Face.
      const parts = text.split(/(<\|startoftext\|>|<\|endoftext\|>)/);
      const all = parts.flatMap((part) => (part === startToken ? [start] : part === endToken ? [end] : idsOfPlain(part)));
      const room = length - 2;
      const kept = all.slice(0, room);
      const filling = Array.from({ length: room - kept.length }, () => pad);
      return { ids: [start, ...kept, end, ...filling], dropped: all.length - kept.length };
    },
  };
}
