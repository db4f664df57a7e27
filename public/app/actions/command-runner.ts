import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { AppState } from '../state/app-state.ts';
import { displayCommand } from '../state/command-line.ts';
import type { I18n } from '../state/i18n.ts';
import { toRequestError } from '../state/request-error.ts';
import type { Toasts } from '../state/toasts.ts';
import { readExport, readString } from './notice-data.ts';

export interface CommandRunnerDeps {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly download: (filename: string, mime: string, content: string) => void;
  readonly fail: (cause: unknown) => void;
}

/**
 * Runs a slash command over the socket. It is not kept for later: one that holds a password must leave no trace, and one that
 * runs minutes after it was typed would surprise.
 */
export function createCommandRunner(deps: CommandRunnerDeps): (name: string, args: readonly string[]) => void {
  const { state } = deps;

  async function run(id: string, name: string, args: readonly string[], conversationId: string | null): Promise<void> {
    try {
      const frame = await state.connection.request({
        ...{ type: 'command.run', id, clientMessageId: id, name, conversationId },
        args: [...args],
      });
      settle(id, frame);
    } catch (cause) {
      state.notices.settle(id, { state: 'failed', error: toRequestError(cause) });
    }
  }

  function settle(id: string, frame: ServerFrame): void {
    if (frame.type === 'notice') follow(id, frame);
    else {
      state.notices.dismiss(id);
      if (frame.type === 'auth.granted') state.session.exchange(frame.code).catch(deps.fail);
    }
  }

  /** A notice that moves the page says so by moving; the others stay to be read. */
  function follow(id: string, notice: ServerFrameOf<'notice'>): void {
    const target = readString(notice.data, 'conversationId');
    if (notice.code === 'CONVERSATION_NEW' || notice.code === 'CONVERSATION_SELECTED') {
      state.notices.dismiss(id);
      state.router.go(notice.code === 'CONVERSATION_NEW' ? null : target);
      return;
    }
    if (notice.code === 'CONVERSATION_DELETED') {
      state.notices.dismiss(id);
      if (target !== null) offerUndo(target, String(notice.params['title'] ?? ''));
      return;
    }
    const file = notice.code === 'EXPORTED' ? readExport(notice.data) : null;
    if (file !== null) deps.download(file.filename, file.mime, file.content);
    state.notices.settle(id, { state: 'done', notice });
  }

  function offerUndo(id: string, title: string): void {
    const now = new Date(state.clock.now()).toISOString();
    const known = state.conversations.get(id) ?? { id, title, headId: null, createdAt: now, updatedAt: now };
    if (state.router.route.peek().conversationId === id) state.router.go(null);
    deps.toasts.add({
      text: deps.i18n.t('conversation.deleted', { title }),
      tone: 'info',
      action: { label: deps.i18n.t('action.undo'), onSelect: () => void state.conversations.restore(known).catch(deps.fail) },
    });
  }

  return (name, args) => {
    const id = state.newId();
    const conversationId = state.router.route.peek().conversationId;
    const commands = state.settings.info.peek()?.commands ?? [];
    state.notices.add({
      id,
      conversationId,
      afterMessageId: state.messages.current.peek()?.branch.peek().at(-1) ?? null,
      command: displayCommand(name, args, commands),
      answer: { state: 'running' },
    });
    void run(id, name, args, conversationId);
  };
}
