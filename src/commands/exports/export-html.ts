import type { MediaPart, Message, Part } from '../../protocol/index.ts';
import { type ConversationExport, isWebAddress, madeBy, shownBranch, speakerOf } from './conversation-export.ts';
import { escapeHtml } from './escape-html.ts';
import { markdownBlocks, markdownHtml } from './markdown-html.ts';
import { surfaceText } from './surface-text.ts';

const style = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, 'Segoe UI', Tahoma, 'Noto Sans Arabic', sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  article { margin-block: 1.5rem; padding-inline-start: 1rem; border-inline-start: 3px solid #8886; }
  article.user { border-color: #4a7dff; }
  header { font-size: .85rem; opacity: .75; }
  .text { white-space: pre-wrap; overflow-wrap: anywhere; }
  .md { overflow-wrap: anywhere; }
  .md > :first-child { margin-block-start: 0; }
  h1, h2, h3, h4, h5, h6 { line-height: 1.3; }
  article h2 { font-size: 1.3rem; } article h3 { font-size: 1.15rem; } article :is(h4, h5, h6) { font-size: 1rem; }
  li > :is(ul, ol) { margin-block: .25rem; }
  blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid #8886; opacity: .85; }
  table { display: block; overflow-x: auto; border-collapse: collapse; }
  th, td { padding: .35rem .75rem; border: 1px solid #8886; text-align: start; }
  :not(pre) > code { padding: .1em .35em; border-radius: .3em; background: #8882; }
  .thought { opacity: .75; }
  figure { margin: .75rem 0; }
  img { max-width: 100%; height: auto; border-radius: .5rem; }
  figcaption { font-size: .85rem; opacity: .75; }
  pre { direction: ltr; text-align: left; overflow-x: auto; padding: .75rem; background: #8882; border-radius: .5rem; }
  @media print { pre { white-space: pre-wrap; } article { break-inside: auto; } img { max-height: 20cm; } }
`;

/**
 * The branch that is shown, as one page that needs nothing else and runs nothing: every text is escaped, the page's own policy
 * forbids scripts and loading. Each message has the direction of its own text.
 */
export function exportHtml(content: ConversationExport): string {
  return [htmlHead(content), ...shownBranch(content).map((message) => htmlTurn(message)), htmlFoot].join('');
}

export function htmlHead({ conversation }: ConversationExport): string {
  const title = escapeHtml(conversation.title);
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1 dir="auto">${title}</h1>
`;
}

export const htmlFoot = '</body>\n</html>\n';

/** @param pictures `data:` addresses that we made, by file id; a picture without one is named only */
export function htmlTurn(message: Message, pictures: ReadonlyMap<string, string> = new Map()): string {
  return [...htmlTurnPieces(message, pictures)].join('');
}

/** The same in pieces, none of which takes long to make. */
export function* htmlTurnPieces(message: Message, pictures: ReadonlyMap<string, string>): Generator<string, void, undefined> {
  const { role, status } = message;
  const said = status === 'complete' ? '' : ` · ${status}`;
  const header = `<header dir="ltr">${escapeHtml(speakerOf(message))} · ${timeHtml(message.createdAt)}${said}</header>`;
  yield `<article class="${role}" dir="auto">\n${header}\n`;
  for (const [index, part] of message.parts.entries()) {
    if (index > 0) yield '\n';
    // What a person typed stays as it was typed.
    if (part.type === 'text' && role === 'assistant') yield* markdownPieces(part.text);
    else yield partHtml(part, pictures);
  }
  yield '\n</article>\n';
}

function* markdownPieces(text: string): Generator<string, void, undefined> {
  yield '<div class="md">\n';
  let first = true;
  for (const block of markdownBlocks(text)) {
    yield first ? block : `\n${block}`;
    first = false;
  }
  yield '\n</div>';
}

/** As people write it; the page runs nothing that could know their time zone. */
function timeHtml(iso: string): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 16).replace('T', ' '))} UTC</time>`;
}

function partHtml(part: Part, pictures: ReadonlyMap<string, string>): string {
  switch (part.type) {
    case 'text':
      return textHtml(part.text);
    case 'thought':
      return `<details><summary>Thoughts</summary><div class="thought md">${markdownHtml(part.text)}</div></details>`;
    case 'image':
    case 'file':
      return fileHtml(part, pictures.get(part.fileId));
    case 'source':
      return sourceHtml(part.url, part.title ?? part.url);
    case 'step':
      return `<p dir="auto">Step: ${escapeHtml(part.name)}</p>`;
    // What came of it stands in the parts behind it.
    case 'job':
      return '<p>Image job</p>';
    default:
      return `<p dir="auto">${escapeHtml(surfaceText(part))}</p>`;
  }
}

function fileHtml(part: MediaPart, address: string | undefined): string {
  const note = madeBy(part);
  const name = escapeHtml(part.name ?? part.fileId);
  const made = note === null ? '' : escapeHtml(note);
  if (address === undefined)
    return `<p dir="auto">${part.type === 'image' ? 'Picture' : 'File'}: ${name}${made === '' ? '' : ` · ${made}`}</p>`;
  return `<figure><img src="${address}" alt="${name}"><figcaption dir="auto">${made === '' ? name : made}</figcaption></figure>`;
}

function sourceHtml(url: string, title: string): string {
  if (!isWebAddress(url)) return '';
  return `<p dir="auto">Source: <a rel="noopener noreferrer nofollow" href="${escapeHtml(url)}">${escapeHtml(title)}</a></p>`;
}

/** Fenced code keeps its own direction and font; everything else stays as it was written. */
function textHtml(text: string): string {
  const blocks: string[] = [];
  let lines: string[] = [];
  let inCode = false;
  const close = (): void => {
    const block = escapeHtml(lines.join('\n'));
    if (inCode) blocks.push(`<pre dir="ltr"><code>${block}</code></pre>`);
    else if (block.trim() !== '') blocks.push(`<div class="text" dir="auto">${block}</div>`);
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    if (/^ {0,3}```/.test(line)) {
      close();
      inCode = !inCode;
    } else lines.push(line);
  }
  close();
  return blocks.join('\n');
}
