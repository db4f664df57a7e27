import type { CustomNode, MediaPart, Part } from '../../protocol/index.ts';
import { type FileRow, toStoredFile } from '../uploads/upload-rows.ts';

type FindFile = (oldId: string) => Promise<FileRow | null>;

/**
 * The parts of a message as they can be here: files by what is stored here. What is not here and jobs of another server fall away,
 * and nobody waits for an answer any more.
 */
export async function importedParts(parts: readonly Part[], findFile: FindFile): Promise<Part[]> {
  const kept: Part[] = [];
  for (const part of parts) {
    const own = await ownPart(part, findFile);
    if (own !== null) kept.push(own);
  }
  return kept;
}

async function ownPart(part: Part, findFile: FindFile): Promise<Part | null> {
  switch (part.type) {
    case 'job':
    case 'removed':
      return null;
    case 'image':
    case 'file': {
      const row = await findFile(part.fileId);
      return row === null ? null : mediaPart(part, row);
    }
    case 'element':
      return elementPart(part, findFile);
    case 'ask':
      return part.status === 'open' ? { ...part, status: 'cancelled' } : part;
    default:
      return part;
  }
}

function mediaPart({ type, provenance }: MediaPart, row: FileRow): Part {
  const { id: fileId, url, mime, width, height, name } = toStoredFile(row);
  return {
    ...{ type, fileId, url, mime },
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(name === undefined ? {} : { name }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

async function elementPart(part: Extract<Part, { type: 'element' }>, findFile: FindFile): Promise<Part | null> {
  const { file, tree, ...rest } = part;
  const row = file === undefined ? undefined : await findFile(file.fileId);
  if (row === null) return null;
  const own = tree === undefined ? undefined : await ownNode(tree, findFile);
  if (own === null) return null;
  const stored = row === undefined ? undefined : toStoredFile(row);
  return {
    ...rest,
    ...(file === undefined || stored === undefined ? {} : { file: { ...file, fileId: stored.id, url: stored.url, mime: stored.mime } }),
    ...(own === undefined ? {} : { tree: own }),
  };
}

async function ownNode(node: CustomNode, findFile: FindFile): Promise<CustomNode | null> {
  const row = node.fileId === undefined ? undefined : await findFile(node.fileId);
  if (row === null) return null;
  const { children } = node;
  const own: CustomNode[] = [];
  for (const child of children ?? []) {
    const kept = await ownNode(child, findFile);
    if (kept !== null) own.push(kept);
  }
  return { ...node, ...(row === undefined ? {} : { fileId: row.id }), ...(children === undefined ? {} : { children: own }) };
}
