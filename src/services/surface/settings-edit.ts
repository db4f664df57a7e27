import type { Field } from '../../protocol/index.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import { checkedChanges, type FieldValues, heldValues, openField } from './field-values.ts';
import type { SurfaceHooks } from './hooks.ts';
import { ownsProfile, type SurfaceDirectory } from './surface-directory.ts';

/** A form that a person is filling waits no longer. */
const EDIT_MS = 5000;

export interface EditedFields {
  readonly fields: Field[];
  readonly values: FieldValues;
}

/**
 * The fields of a conversation's profile with values that are being changed, as the plugin of the profile wants them; as they are
 * declared where it says nothing.
 * @throws AppError BAD_REQUEST that names the field
 */
export async function editedFields(
  { directory, hooks }: { readonly directory: SurfaceDirectory; readonly hooks: SurfaceHooks },
  edit: { readonly record: ConversationRecord; readonly values: Readonly<Record<string, unknown>>; readonly signal: AbortSignal },
): Promise<EditedFields> {
  const { record, signal } = edit;
  const declared = directory.profile(record.profile)?.fields ?? [];
  // Options may depend on what was chosen: what the plugin made of the fields is not known here, so only kinds are checked.
  const values = { ...directory.values(record), ...checkedChanges(declared.map(openField), edit.values) };
  let answer: EditedFields = { fields: [...declared], values: heldValues(declared, values) };
  const occasion = { userId: record.ownerId, conversationId: record.id, conversation: record, event: { values } };
  await hooks.ask('settingsEdit', occasion, (entry) => ({
    signal,
    limitMs: EDIT_MS,
    take: (event) => {
      if (event.type !== 'fields' || !ownsProfile(entry.name, record.profile)) return;
      answer = { fields: [...event.fields], values: heldValues(event.fields, event.values) };
    },
    // As declared, then.
    failed: () => {},
  }));
  return answer;
}
