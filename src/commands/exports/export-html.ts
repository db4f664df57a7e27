import type { MediaPart, Message, Part } from '../../protocol/index.ts';
import { type ConversationExport, isWebAddress, madeBy, shownBranch, speakerOf } from './conversation-export.ts';
import { surfaceText } from './surface-text.ts';

const style = `
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, 'Segoe UI', Tahoma, 'Noto Sans Arabic', sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  article { margin-block: 1.5rem; padding-inline-start: 1rem; border-inline-start: 3px solid #8886; }
  article.user { border-color: #4a7dff; }
  header { font-size: .85rem; opacity: .75; }
  .text, .thought { white-space: pre-wrap; overflow-wrap: anywhere; }
  .thought { opacity: .75; }
  pre { direction: ltr; text-align: left; overflow-x: auto; padding: .75rem; background: #8882; border-radius: .5rem; }
  @media print { pre { white-space: pre-wrap; } }
`;

/**
 * The branch that is shown, as one page that needs nothing else and runs nothing: every text is escaped, the page's own policy
 * forbids scripts and loading. Each message has the direction of its own text.
 */
export function exportHtml(content: ConversationExport): string {
  const title = escapeHtml(content.conversation.title);
  const turns = shownBranch(content).map(turnOf).join('\n');
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1 dir="auto">${title}</h1>
${turns}
</body>
</html>
`;
}

function turnOf(message: Message): string {
  const status = message.status === 'complete' ? '' : ` · ${message.status}`;
  const header = `<header dir="ltr">${escapeHtml(speakerOf(message))} · <time>${escapeHtml(message.createdAt)}</time>${status}</header>`;
  return `<article class="${message.role}" dir="auto">\n${header}\n${message.parts.map(partHtml).join('\n')}\n</article>`;
}

function partHtml(part: Part): string {
  switch (part.type) {
    case 'text':
      return textHtml(part.text);
    case 'thought':
      return `<details><summary>Thoughts</summary><div class="thought" dir="auto">${escapeHtml(part.text)}</div></details>`;
    case 'image':
    case 'file':
      return fileHtml(part);
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

function fileHtml(part: MediaPart): string {
  const note = madeBy(part);
  const name = `${part.type === 'image' ? 'Picture' : 'File'}: ${escapeHtml(part.name ?? part.fileId)}`;
  return `<p dir="auto">${name}${note === null ? '' : ` · ${escapeHtml(note)}`}</p>`;
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

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities.get(character) ?? character);
}
