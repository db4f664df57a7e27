import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { AppState } from '../state/app-state.ts';
import { displayCommand } from '../state/command-line.ts';
import type { I18n } from '../state/i18n.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import type { PluginAction } from '../state/plugins.ts';
import { toRequestError } from '../state/request-error.ts';
import type { Toasts } from '../state/toasts.ts';
import type { Uploads } from '../state/uploads.ts';
import { readExport, readJob, readString } from './notice-data.ts';

export interface CommandRunnerDeps {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly download: (filename: string, mime: string, content: string) => void;
  readonly fail: (cause: unknown) => void;
  readonly uploads: Pick<Uploads<never>, 'items' | 'take' | 'putBack'>;
}

/** A plugin's own answer to a picture or a message. */
export interface ActionCall {
  readonly action: PluginAction;
  readonly label: string;
  readonly file?: PictureFile;
  readonly text?: string;
  readonly conversationId?: string | undefined;
  readonly messageId?: string | undefined;
}

export interface CommandRunner {
  /** Runs where it is typed. A command of a plugin takes the pictures of the composer along; they are given back when it fails. */
  run(name: string, args: readonly string[]): void;
  invoke(call: ActionCall): void;
}

/**
 * Runs a slash command over the socket. It is not kept for later: one that holds a password must leave no trace, and one that
 * runs minutes after it was typed would surprise.
 */
export function createCommandRunner(deps: CommandRunnerDeps): CommandRunner {
  const { state } = deps;

  async function ask(id: string, frame: ClientFrame): Promise<boolean> {
    try {
      settle(id, await state.connection.request(frame));
      return true;
    } catch (cause) {
      state.notices.settle(id, { state: 'failed', error: toRequestError(cause) });
      return false;
    }
  }

  function announce(id: string, command: string, place: { conversationId: string | null; afterMessageId: string | null }): void {
    state.notices.add({ id, ...place, command, answer: { state: 'running' } });
  }

  const here = () => state.router.route.peek().conversationId;
  const newest = () => state.messages.current.peek()?.branch.peek().at(-1) ?? null;

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
    if (notice.code === 'JOB_STARTED') {
      begun(id, notice);
      return;
    }
    const file = notice.code === 'EXPORTED' ? readExport(notice.data) : null;
    if (file !== null) deps.download(file.filename, file.mime, file.content);
    state.notices.settle(id, { state: 'done', notice });
  }

  /** The card of the job says more than the notice; work in a new conversation is shown there. */
  function begun(id: string, notice: ServerFrameOf<'notice'>): void {
    const from = state.notices.cards.peek().find((card) => card.id === id)?.conversationId ?? null;
    state.notices.dismiss(id);
    const job = readJob(notice.data);
    if (job === null) return;
    state.jobs.put(job);
    const { page, conversationId } = state.router.route.peek();
    if (from === null && page === 'chat' && conversationId === null && job.conversationId !== undefined)
      state.router.go(job.conversationId, 'replace');
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

  function runIn(conversationId: string | null, name: string, args: readonly string[]): void {
    const id = state.newId();
    const scope = conversationId ?? '';
    const files = state.plugins.hasCommand(name) ? deps.uploads.take(scope) : [];
    const commands = state.settings.info.peek()?.commands ?? [];
    const afterMessageId = conversationId === here() ? newest() : null;
    announce(id, displayCommand(name, args, commands), { conversationId, afterMessageId });
    const attachments = files.length === 0 ? {} : { attachments: files.map((file) => file.id) };
    const frame: ClientFrame = {
      ...{ type: 'command.run', id, clientMessageId: id, name, conversationId, args: [...args] },
      ...attachments,
    };
    void ask(id, frame).then((done) => {
      if (!done && files.length > 0) deps.uploads.putBack(scope, files);
    });
  }

  return {
    run(name, args) {
      const conversationId = here();
      const run = () => runIn(conversationId, name, args);
      const pictured = deps.uploads.items.peek().some((item) => item.scope === (conversationId ?? '') && item.file !== undefined);
      // Whether pictures go along is not known before the plugins are; that could not be asked, or the answer is on its way.
      if (state.plugins.list.peek() === null && pictured) void state.plugins.load().then(run);
      else run();
    },
    invoke({ action, label, file, text, conversationId, messageId }) {
      const id = state.newId();
      announce(id, label, { conversationId: conversationId ?? here(), afterMessageId: messageId ?? newest() });
      const payload = {
        ...(text === undefined ? {} : { text }),
        ...(file === undefined ? {} : { fileId: file.id }),
        ...(messageId === undefined ? {} : { messageId }),
      };
      void ask(id, { type: 'action.invoke', id, actionId: action.id, payload });
    },
  };
}
