import type { Conversation, Message, StoredFile } from '../../../src/protocol/shapes.ts';
import type { AppState } from '../state/app-state.ts';
import type { I18n } from '../state/i18n.ts';
import type { OutboxFrame } from '../state/outbox-entry.ts';
import { RequestError, toRequestError } from '../state/request-error.ts';
import type { Toasts } from '../state/toasts.ts';
import type { Uploads } from '../state/uploads.ts';
import { createCommandRunner } from './command-runner.ts';
import { explain } from './explain.ts';
import { createJobActions, type JobActions } from './job-actions.ts';
import { createLibraryActions, type LibraryActions } from './library-actions.ts';
import { createMessageActions, type MessageActions } from './message-actions.ts';

export interface ActionDeps {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly uploads: Uploads<File>;
  readonly download: (filename: string, mime: string, content: string) => void;
  readonly isVisible: () => boolean;
}

/** What a person can do, with the words that follow from it. Failures end as toasts or beside the message, never thrown. */
export interface Actions {
  /** @returns false when it was not taken; the composer keeps its text then */
  send(text: string): boolean;
  /** A command of a plugin takes the pictures of the composer along. */
  runCommand(name: string, args: readonly string[]): void;
  edit(message: Message, text: string): void;
  regenerate(message: Message): void;
  /** The same question to another model. @returns the id of the wish, by which its answer is found; null when it was not taken */
  regenerateWith(message: Message, model: string): string | null;
  resume(message: Message): void;
  stop(): void;
  switchBranch(messageId: string): void;
  /** Opens a conversation at a message, reading back as far as that is and showing its branch. */
  openAt(conversationId: string, messageId: string): void;
  feedback(message: Message, value: 1 | -1, comment?: string): Promise<void>;
  rename(conversation: Conversation, title: string): void;
  remove(conversation: Conversation): void;
  logout(): void;
  fail(cause: unknown): void;
  /** Work on pictures. */
  readonly jobs: JobActions;
  /** Pins, folders, the archive. */
  readonly library: LibraryActions;
  /** What the menu of one message offers. */
  readonly messages: MessageActions;
}

export function createActions(deps: ActionDeps): Actions {
  const { state, i18n, toasts, uploads } = deps;
  const { outbox, router, messages, conversations } = state;
  const current = () => router.route.peek().conversationId;

  function fail(cause: unknown): void {
    toasts.add({ text: explain(i18n, toRequestError(cause)), tone: 'danger' });
  }
  const guarded = (work: Promise<unknown>) => void work.catch(fail);

  function queue(frame: OutboxFrame, conversationId: string | null, files: readonly StoredFile[] = []): boolean {
    // A second click asks for nothing new.
    if (outbox.entries.peek().some((entry) => entry.state !== 'failed' && isSameWish(entry.frame, frame))) return true;
    const taken = outbox.add({ frame, conversationId, files });
    if (!taken) toasts.add({ text: i18n.t('outbox.full'), tone: 'warning' });
    return taken;
  }

  const finished = (scope: string) =>
    uploads.items.peek().flatMap((item) => (item.scope === scope && item.file !== undefined ? [item.file] : []));
  const commands = createCommandRunner({ ...deps, fail });

  return {
    fail,
    jobs: createJobActions({ ...deps, fail, invoke: commands.invoke }),
    library: createLibraryActions({ ...deps, fail }),
    messages: createMessageActions({ ...deps, fail }),
    runCommand: commands.run,
    send(text) {
      const conversationId = current();
      const scope = conversationId ?? '';
      const files = finished(scope);
      // What waits or is written in front of it becomes its parent: then the server knows the place, the page does not yet.
      const waiting = outbox.entries.peek().some((entry) => entry.conversationId === conversationId && entry.state !== 'failed');
      const follows = waiting || state.generations.running.peek().has(scope);
      const parentId = conversationId === null || follows ? undefined : messages.current.peek()?.branch.peek().at(-1);
      const frame: OutboxFrame = {
        ...{ type: 'message.send', clientMessageId: state.newId(), conversationId, text },
        ...(files.length > 0 ? { attachments: files.map((file) => file.id) } : {}),
        ...(parentId === undefined ? {} : { parentId }),
        ...(conversationId === null ? { ...state.surface.forNew(), ...state.composing.newChat.peek() } : {}),
      };
      const taken = queue(frame, conversationId, files);
      if (taken) uploads.take(scope);
      if (taken && conversationId === null) state.composing.takeNew();
      return taken;
    },
    edit: (message, text) =>
      void queue({ type: 'message.edit', clientMessageId: state.newId(), messageId: message.id, text }, message.conversationId),
    regenerate: (message) =>
      void queue({ type: 'message.regenerate', clientMessageId: state.newId(), messageId: message.id }, message.conversationId),
    regenerateWith(message, model) {
      const clientMessageId = state.newId();
      const frame = { type: 'message.regenerate', clientMessageId, messageId: message.id, model } as const;
      return queue(frame, message.conversationId) ? clientMessageId : null;
    },
    resume: (message) =>
      void queue({ type: 'message.continue', clientMessageId: state.newId(), messageId: message.id }, message.conversationId),
    stop() {
      const running = state.generations.running.peek().get(current() ?? '');
      if (running === undefined) return;
      // The answer goes on without us: whoever wants it stopped must know that the wish has not arrived.
      if (!state.connection.send({ type: 'generation.stop', generationId: running.generationId }))
        fail(new RequestError('CONNECTION_LOST'));
    },
    openAt(conversationId, messageId) {
      guarded(
        state.flow.openAt(conversationId, messageId).then((found) => {
          const { page, conversationId: shown } = router.route.peek();
          if (found || page !== 'chat' || shown !== conversationId || messages.phase.peek() !== 'ready') return;
          toasts.add({ text: i18n.t('chat.messageGone'), tone: 'info' });
        }),
      );
    },
    switchBranch: (messageId) => guarded(messages.switchTo(messageId)),
    async feedback(message, value, comment) {
      const before = message.feedback;
      const thread = messages.thread(message.conversationId);
      const shown = { value, ...(comment === undefined ? {} : { comment }) };
      thread?.upsert([{ ...message, feedback: shown }]);
      try {
        await state.rest.post(`/api/messages/${message.id}/feedback`, shown);
      } catch (cause) {
        const { feedback: _, ...rest } = message;
        thread?.upsert([before === undefined ? rest : { ...rest, feedback: before }]);
        fail(cause);
      }
    },
    rename: (conversation, title) => guarded(conversations.rename(conversation.id, title)),
    remove(conversation) {
      const shown = current() === conversation.id;
      if (shown) router.go(null);
      const left = router.route.peek();
      const undo = () =>
        guarded(
          conversations.restore(conversation).then(async () => {
            // The trash takes the pin away.
            if (conversation.pinned === true) await conversations.change(conversation.id, { pinned: true });
            // Whoever has opened something else meanwhile stays there.
            if (shown && router.route.peek() === left) router.go(conversation.id);
          }),
        );
      guarded(
        conversations.remove(conversation.id).then(() =>
          toasts.add({
            text: i18n.t('conversation.deleted', { title: conversation.title || i18n.t('conversation.untitled') }),
            tone: 'info',
            action: { label: i18n.t('action.undo'), onSelect: undo },
          }),
        ),
      );
    },
    logout: () => guarded(state.session.logout()),
  };
}

function isSameWish(one: OutboxFrame, other: OutboxFrame): boolean {
  if (one.type !== 'message.continue' && one.type !== 'message.regenerate') return false;
  if (other.type !== one.type || other.messageId !== one.messageId) return false;
  // Each wish for another model is followed by its own id.
  return one.type !== 'message.regenerate' || other.type !== 'message.regenerate' || (one.model ?? other.model) === undefined;
}
