import { isoTime } from '../../lib/clock.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import type { MessageRecord } from '../conversations/message-record.ts';
import type { FolderRecord } from '../library/folder-record.ts';
import type { PromptRecord } from '../library/prompt-record.ts';
import type { FileRow } from '../uploads/upload-rows.ts';
import type { AccountLine, LineOf } from './account-lines.ts';
import { countsInOrder, type ExportState } from './export-cursor.ts';

/** The lines of an export, made of what is stored. */

export function endLine({ counts, chain }: ExportState): LineOf<'end'> {
  return { type: 'end', counts: countsInOrder(counts), sha256: chain };
}

export function folderLine({ id, name, position, createdAt }: FolderRecord): AccountLine {
  return { type: 'folder', id, name, position, createdAt: isoTime(createdAt) };
}

export function promptLine({ id, title, text, createdAt, updatedAt }: PromptRecord): AccountLine {
  return { type: 'prompt', id, title, text, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
}

export function fileLine({ id, name, variants, plain, createdAt }: FileRow): AccountLine {
  const { mime, size, width, height } = variants.original;
  const shape = plain === true ? { plain } : { width, height };
  return { type: 'file', id, ...(name === undefined ? {} : { name }), mime, size, ...shape, createdAt };
}

export function conversationLine(record: ConversationRecord): AccountLine {
  const { id, title, titledBy, settings, pinned, state, folderId, profile, modes, createdAt, updatedAt } = record;
  return {
    ...{ type: 'conversation', id, title, titledBy, settings },
    ...(pinned === true ? { pinned } : {}),
    ...(state === 'archived' ? { archived: true } : {}),
    ...(folderId === undefined ? {} : { folderId }),
    ...(profile === undefined ? {} : { profile }),
    ...(modes === undefined ? {} : { modes: Object.fromEntries(modes) }),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}

export function messageLine(record: MessageRecord, head: boolean): AccountLine {
  const { id, conversationId, parentId, role, status, parts, model, usage, finishReason, error, feedback, author, favourite } = record;
  return {
    type: 'message',
    id,
    conversationId,
    parentId,
    role,
    // In a file nothing is being written any more.
    status: status === 'streaming' ? 'interrupted' : status,
    parts: [...parts],
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error }),
    ...(feedback === undefined ? {} : { feedback }),
    ...(author === undefined ? {} : { author }),
    ...(favourite === true ? { favourite } : {}),
    createdAt: isoTime(record.createdAt),
    ...(head ? { head } : {}),
  };
}
