import { AppError } from '../../lib/app-error.ts';
import type { Change, JsonValue } from '../../lib/document-store.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import type { Level, Settings } from '../../protocol/index.ts';
import { type ConversationRecord, modePairs } from './conversation-record.ts';

export interface ConversationPatch {
  readonly title?: string | undefined;
  readonly headId?: string | undefined;
  readonly model?: string | null | undefined;
  readonly level?: Level | null | undefined;
  readonly pinned?: boolean | undefined;
  readonly archived?: boolean | undefined;
  readonly folderId?: string | null | undefined;
  readonly modes?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a patch means for a conversation as it was read: it applies only while its state is the same. A pin and the archive exclude
 * each other: what was asked for last wins.
 * @throws AppError BAD_REQUEST for a place in a list of one that stands in none, for a pin in the archive, for too many modes
 */
export function changeOf(record: ConversationRecord, patch: ConversationPatch): Change {
  if (record.state === 'temporary') refusePlaces(patch);
  if (patch.pinned === true && patch.archived === true)
    throw new AppError('BAD_REQUEST', { message: 'A conversation in the archive has no pin.', params: { field: 'pinned' } });
  const set: Record<string, JsonValue> = { ...named(record, patch), ...settingsOf(record, patch), ...stateOf(record, patch) };
  const unset: string[] = [];
  if (patch.headId !== undefined) set['headId'] = patch.headId;
  if (patch.modes !== undefined) set['modes'] = modePairs(patch.modes);
  if (patch.pinned === true) set['pinned'] = true;
  if (patch.pinned === false || patch.archived === true) unset.push('pinned');
  if (typeof patch.folderId === 'string') set['folderId'] = patch.folderId;
  if (patch.folderId === null) unset.push('folderId');
  return { expect: { state: record.state }, set, unset };
}

function refusePlaces({ pinned, archived, folderId }: ConversationPatch): void {
  if (pinned !== true && archived !== true && typeof folderId !== 'string') return;
  throw new AppError('BAD_REQUEST', { message: 'A temporary chat stands in no list.', params: { reason: 'temporary' } });
}

function named({ state }: ConversationRecord, { title }: ConversationPatch): Record<string, JsonValue> {
  if (title === undefined) return {};
  return { title, titledBy: 'person', words: state === 'temporary' ? [] : indexWords(title) };
}

/** A new title must not write back settings that were changed meanwhile. */
function settingsOf(record: ConversationRecord, { model, level }: ConversationPatch): Record<string, JsonValue> {
  if (model === undefined && level === undefined) return {};
  const settings: Settings = { ...record.settings };
  if (model !== undefined) settings.model = model;
  if (level !== undefined) settings.level = level;
  return { settings };
}

function stateOf({ state }: ConversationRecord, { archived, pinned }: ConversationPatch): Record<string, JsonValue> {
  if (state === 'live' && archived === true) return { state: 'archived' };
  if (state === 'archived' && (archived === false || pinned === true)) return { state: 'live' };
  return {};
}
