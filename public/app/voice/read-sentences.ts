/** Browsers stop in the middle of long utterances. */
const longest = 220;

/**
 * The sentences of an answer as they are read aloud: without marks of Markdown, without code.
 * @param done false while it is written: what may still grow is left out
 * @param codeWords said in place of a block of code; '' says nothing
 */
export function readSentences(markdown: string, done: boolean, codeWords: string): readonly string[] {
  const sentences: string[] = [];
  let fence: string | null = null;
  const lines = markdown.split('\n');
  // The last line is still being written.
  const finished = done ? lines : lines.slice(0, -1);
  for (const line of finished) {
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) === true) fence = null;
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      if (codeWords !== '') sentences.push(codeWords);
      continue;
    }
    sentences.push(...sentencesOf(plain(line)));
  }
  return sentences;
}

function plain(line: string): string {
  if (line.includes('|') && /^[\s:|-]+$/.test(line)) return '';
  return line
    .replace(/!\[([^[\]]*)\]\([^)[]*\)/g, '$1')
    .replace(/\[([^[\]]*)\]\([^)[]*\)/g, '$1')
    .replace(/https?:\/\/(?:www\.)?([^\s/)]+)\S*/g, '$1')
    .replace(/^\s*(?:#{1,6}\s|>\s?|[-*+]\s|\[[ x]\]\s)*/, '')
    .replaceAll(/\*\*|__|~~|[`*]/g, '')
    .replace(/^\s*\||\|\s*$/g, '')
    .split('|')
    .map((cell) => cell.trim())
    .join(', ')
    .trim();
}

function sentencesOf(text: string): string[] {
  const cut = text.match(/[^.!?؟。！？…]+(?:[.!?؟。！？…]+(?=\s|$)|[.!?؟。！？…]+|$)/gu) ?? [];
  const joined: string[] = [];
  for (const piece of cut) {
    // A point inside a number or a name ends no sentence.
    const last = joined.at(-1);
    if (last !== undefined && !/\s$/.test(last) && !/^\s/.test(piece)) joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined.flatMap((sentence) => shorten(sentence.trim())).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function shorten(sentence: string): string[] {
  if (sentence.length <= longest) return [sentence];
  const room = sentence.slice(0, longest);
  const comma = Math.max(room.lastIndexOf(', '), room.lastIndexOf('، '), room.lastIndexOf('; '), room.lastIndexOf('؛ '));
  const space = room.lastIndexOf(' ');
  const at = comma > 40 ? comma + 1 : space > 0 ? space : longest;
  return [sentence.slice(0, at).trim(), ...shorten(sentence.slice(at).trim())];
}
