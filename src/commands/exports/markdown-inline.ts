import { escapeHtml } from './escape-html.ts';

/** What stands in a line of Markdown: code, emphasis, links to the web. Everything else is text. */
export function inlineHtml(text: string): string {
  let html = '';
  let at = 0;
  for (let start = text.indexOf('`'); start !== -1; start = text.indexOf('`', at)) {
    const marks = /^`+/.exec(text.slice(start, start + 32))?.[0] ?? '`';
    const end = text.indexOf(marks, start + marks.length);
    if (end === -1) break;
    html += wordsHtml(text.slice(at, start));
    html += `<code dir="ltr">${escapeHtml(text.slice(start + marks.length, end).trim())}</code>`;
    at = end + marks.length;
  }
  return html + wordsHtml(text.slice(at));
}

/** Every stretch is bounded, so that no text takes long. */
const link = /!?\[([^[\]]{0,500})\]\((https?:\/\/[^\s()<>"]{1,2000})(?:\s+"[^"]{0,300}")?\)|https?:\/\/[^\s<>"'`)\]]{1,2000}/g;

function wordsHtml(text: string): string {
  let html = '';
  let at = 0;
  for (const match of text.matchAll(link)) {
    const [whole, words, address] = match;
    html += emphasised(text.slice(at, match.index));
    html += linkHtml(address ?? whole, words ?? whole);
    at = match.index + whole.length;
  }
  return html + emphasised(text.slice(at));
}

function linkHtml(address: string, words: string): string {
  const shown = words === address ? `<bdi dir="ltr">${escapeHtml(words)}</bdi>` : emphasised(words === '' ? address : words);
  return `<a rel="noopener noreferrer nofollow" href="${escapeHtml(address)}">${shown}</a>`;
}

/** The marks are characters that escaping leaves alone. */
function emphasised(text: string): string {
  return escapeHtml(text)
    .replaceAll(/\*\*(?=\S)([^*]{1,2000}?)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/(?<![\w_])__(?=\S)([^_]{1,2000}?)__(?![\w_])/g, '<strong>$1</strong>')
    .replaceAll(/(?<![\w*])\*(?=\S)([^*\s](?:[^*]{0,2000}?[^*\s])?)\*(?![\w*])/g, '<em>$1</em>')
    .replaceAll(/(?<![\w_])_(?=\S)([^_\s](?:[^_]{0,2000}?[^_\s])?)_(?![\w_])/g, '<em>$1</em>')
    .replaceAll(/~~(?=\S)([^~]{1,2000}?)~~/g, '<del>$1</del>')
    .replaceAll(/\\([*_~`#[\]()|\\-])/g, '$1');
}
