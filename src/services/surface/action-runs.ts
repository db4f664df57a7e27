import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import type { ShowAction } from '../plugins/plugin-calls.ts';
import type { SurfaceHooks } from './hooks.ts';
import type { PluginRuns } from './plugin-runs.ts';
import type { SurfaceDirectory } from './surface-directory.ts';
import type { SurfaceWriter, WriterPlace } from './surface-writer.ts';

export interface ActionRunsOptions {
  readonly documents: DocumentStore;
  readonly runs: PluginRuns;
  readonly directory: SurfaceDirectory;
  readonly hooks: SurfaceHooks;
  readonly writerFor: (place: WriterPlace) => SurfaceWriter;
  readonly logger: Logger;
}

/** A note is at most as long as what a command may say. */
const MAX_NOTE = 64 * 1024;

/** Runs actions of plugins: a text becomes a note, what is shown goes to the message under which they were pressed, or behind the last one. */
export function createActionRuns({ documents, runs, directory, hooks, writerFor, logger }: ActionRunsOptions): ShowAction {
  async function conversationOf(userId: string, id: string | undefined): Promise<ConversationRecord | null> {
    const record = id === undefined ? null : await documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (id !== undefined && !isOpenFor(userId, record)) throw new AppError('NOT_FOUND');
    return record;
  }

  return async ({ user, entry, name, payload, message, conversationId, locale, settings }, signal) => {
    const record = await conversationOf(user.id, message?.conversationId ?? conversationId);
    const shown = record === null ? {} : { conversation: directory.conversationFor(entry.name, record) };
    const place = { ownerId: user.id, plugin: entry.name, locale, originId: message?.id ?? null };
    const messageId = () => Promise.resolve(newId());
    const writer = record === null ? null : writerFor({ ...place, conversationId: record.id, messageId });
    let note: string | null = null;
    let isNote = false;
    let failed = true;
    try {
      const task = { kind: 'action' as const, name, payload, locale, settings, ...shown };
      await runs.run(entry, task, {
        signal,
        take: async (event) => {
          if (event.type === 'note') isNote = true;
          else if (isNote && event.type === 'text') note = ((note ?? '') + event.text).slice(0, MAX_NOTE);
          // Outside of a conversation there is no place for anything else.
          else if (writer === null) throw new AppError('PLUGIN_FAILED', { params: { plugin: entry.name } });
          else await writer.take(event);
        },
      });
      failed = false;
    } finally {
      // It may wait for the end of an answer: nobody who pressed a button does.
      writer?.end(failed).catch((error: unknown) => {
        logger.warn({ plugin: entry.name, what: name, code: AppError.from(error).code }, 'what an action shows could not be stored');
      });
      if (record !== null) {
        const event = { actionId: name };
        hooks.fire('action', { userId: user.id, conversationId: record.id, event, only: entry.name });
      }
    }
    return note;
  };
}
