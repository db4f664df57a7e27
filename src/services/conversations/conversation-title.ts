const MAX_LENGTH = 60;

/** A title made here from the first words, without a model call: one message is one model call. Null when there is nothing to name it by. */
export function conversationTitle(text: string): string | null {
  const line = text
    .split(/\r?\n/)
    .map((candidate) => plain(candidate))
    .find((candidate) => /[\p{L}\p{N}]/u.test(candidate));
  if (line === undefined) return null;
  const sentence = /^.{12,}?[.!?؟。](?=\s|$)/u.exec(line)?.[0] ?? line;
  if (sentence.length <= MAX_LENGTH) return sentence.replace(/[.。:؛،,]+$/u, '');
  const cut = sentence.slice(0, MAX_LENGTH);
  const space = cut.lastIndexOf(' ');
  return `${(space > MAX_LENGTH / 2 ? cut.slice(0, space) : trimBrokenPair(cut)).replace(/[\s.,:؛،]+$/u, '')}…`;
}

/** One line without Markdown marks and invisible characters. */
function plain(line: string): string {
  return line
    .replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .replace(/^\s*(#{1,6}|[-*+>]|\d+[.)])\s+/, '')
    .replace(/[*_`~]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function trimBrokenPair(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
