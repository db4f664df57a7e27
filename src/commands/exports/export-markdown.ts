import type { Message, Part } from '../../protocol/index.ts';
import { type ConversationExport, isWebAddress, madeBy, shownBranch, speakerOf } from './conversation-export.ts';
import { surfaceText } from './surface-text.ts';

/** The branch that is shown, as Markdown: the title, and a heading for each turn. Texts are kept as they are. */
export function exportMarkdown(content: ConversationExport): string {
  return [markdownHead(content), ...shownBranch(content).map(markdownTurn)].join('');
}

export function markdownHead({ conversation }: ConversationExport): string {
  return `# ${inLine(conversation.title)}\n`;
}

export function markdownTurn(message: Message): string {
  const parts = message.parts.map(partText).filter((text) => text !== '');
  if (message.status !== 'complete') parts.push(`*(${message.status})*`);
  return `\n${[`## ${inLine(speakerOf(message))} · ${message.createdAt}`, ...parts].join('\n\n')}\n`;
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text.trimEnd();
    case 'thought':
      return quoted(`Thoughts: ${part.text.trimEnd()}`);
    case 'image':
      return [`![${inLine(part.name ?? 'picture')}](<${address(part.url)}>)`, ...noteOf(part)].join('\n\n');
    case 'file':
      return `[${inLine(part.name ?? 'file')}](<${address(part.url)}>)`;
    case 'source':
      return isWebAddress(part.url) ? `Source: [${inLine(part.title ?? part.url)}](<${address(part.url)}>)` : '';
    case 'step':
      return `*Step: ${inLine(part.name)}*`;
    // What came of it stands in the parts behind it.
    case 'job':
      return '*Image job*';
    default:
      return surfaceText(part) === '' ? '' : `*${inLine(surfaceText(part))}*`;
  }
}

function noteOf(part: Part): string[] {
  const note = madeBy(part);
  return note === null ? [] : [`*${inLine(note)}*`];
}

function quoted(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/** One line, with what Markdown would take for markup escaped. */
function inLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>#|]/g, '\\$&');
}

/** For use between < and >. */
function address(url: string): string {
  return url.replace(/[\s<>\\]/g, (character) => encodeURIComponent(character));
}
