import { createBreather } from '../../lib/breather.ts';
import type { MediaPart, Message } from '../../protocol/index.ts';
import { type ConversationExport, shownBranch } from './conversation-export.ts';
import { htmlFoot, htmlHead, htmlTurnPieces } from './export-html.ts';
import { markdownHead, markdownTurn } from './export-markdown.ts';

export type ExportFormat = 'md' | 'json' | 'html';

/** @returns null for a picture that is not there any more */
export type PictureReader = (fileId: string) => Promise<{ readonly mime: string; readonly data: Uint8Array } | null>;

/** Bytes of pictures in one page, before base64: browsers open larger ones, people do not send them. Later ones are named only. */
const mostPictureBytes = 64 * 1024 * 1024;
const pieceCharacters = 16 * 1024;
/** What a browser shows from a `data:` address and never runs. */
const embeddable: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

/** A conversation as a file, message by message: the branch that is shown as Markdown or as a page with its pictures, or everything as JSON. */
export async function* exportPieces(
  format: ExportFormat,
  content: ConversationExport,
  readPicture: PictureReader,
): AsyncGenerator<string, void, undefined> {
  const breathe = createBreather();
  if (format === 'json') return yield* jsonPieces(content, breathe);
  const embed = createEmbedder(readPicture);
  yield format === 'html' ? htmlHead(content) : markdownHead(content);
  for (const message of shownBranch(content)) {
    await breathe();
    if (format === 'html') yield* gathered(htmlTurnPieces(message, await embed(message)), breathe);
    else yield markdownTurn(message);
  }
  if (format === 'html') yield htmlFoot;
}

/** Pieces worth a write of their own. */
async function* gathered(pieces: Iterable<string>, breathe: () => Promise<void>): AsyncGenerator<string> {
  let text = '';
  for (const piece of pieces) {
    await breathe();
    text += piece;
    if (text.length < pieceCharacters) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function* jsonPieces({ conversation, messages }: ConversationExport, breathe: () => Promise<void>): AsyncGenerator<string> {
  yield `{\n  "conversation": ${indented(conversation)},\n  "messages": [`;
  for (const [index, message] of messages.entries()) {
    await breathe();
    yield `${index === 0 ? '\n' : ',\n'}    ${JSON.stringify(message)}`;
  }
  yield '\n  ]\n}\n';
}

const indented = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');

/** @returns addresses that hold the pictures of a message, by their file ids */
function createEmbedder(readPicture: PictureReader): (message: Message) => Promise<ReadonlyMap<string, string>> {
  let left = mostPictureBytes;
  return async ({ parts }) => {
    const addresses = new Map<string, string>();
    for (const { fileId } of parts.filter((part): part is MediaPart => part.type === 'image')) {
      const picture = left > 0 ? await readPicture(fileId) : null;
      if (picture === null || !embeddable.has(picture.mime) || picture.data.length > left) continue;
      left -= picture.data.length;
      addresses.set(fileId, `data:${picture.mime};base64,${Buffer.from(picture.data).toString('base64')}`);
    }
    return addresses;
  };
}
