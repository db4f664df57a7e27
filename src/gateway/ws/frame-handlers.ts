import { parseCommandText, unescapeText } from '../../commands/command-parser.ts';
import type { CommandRouter } from '../../commands/command-router.ts';
import { AppError } from '../../lib/app-error.ts';
import type { ClientFrame, ClientFrameOf, Limits, ModelInfo, ServerFrame, ServerFrameOf, Settings, User } from '../../protocol/index.ts';
import type { ChatSettings } from '../../services/conversations/chat-settings.ts';
import type { Conversations } from '../../services/conversations/conversations.ts';
import type { Drafts } from '../../services/drafts/drafts.ts';
import type { GenerationAttachment } from '../../services/generations/generation-attachment.ts';
import type { Generations } from '../../services/generations/generations.ts';
import type { LiveGenerations } from '../../services/generations/live-generation.ts';
import type { Jobs } from '../../services/jobs/jobs.ts';
import type { UserService, UserSession } from '../../services/messaging/user-service.ts';
import { localeOf } from '../locale-of.ts';
import type { InvokeAction } from './action-frames.ts';
import { askerOf } from './asker-of.ts';
import { answer, runCommand } from './command-frames.ts';
import { updateDraft } from './draft-frames.ts';
import { openConversation } from './open-conversation.ts';
import type { SocketConnection } from './socket-connection.ts';
import { doBehind, replyToAsk, type SurfaceFrames, surfaceWelcome } from './surface-frames.ts';
import { welcomeText } from './welcome-text.ts';

export interface FrameHandlersOptions {
  readonly users: UserService;
  readonly router: CommandRouter;
  readonly generations: Generations;
  readonly attachment: GenerationAttachment;
  readonly conversations: Conversations;
  readonly settings: ChatSettings;
  readonly drafts: Drafts;
  readonly live: LiveGenerations;
  readonly jobs: Pick<Jobs, 'open'>;
  readonly listModels: () => Promise<readonly ModelInfo[]>;
  readonly invokeAction: InvokeAction;
  readonly surface: SurfaceFrames;
  readonly limits: Limits;
  readonly server: (user: User | null) => Promise<ServerFrameOf<'welcome'>['server']>;
}

/** What each frame does. Sockets are known here by their session, so that services never see one. */
export class FrameHandlers {
  readonly #options: FrameHandlersOptions;
  readonly #connections = new WeakMap<UserSession, SocketConnection>();
  /** What each client said in `hello`. */
  readonly #locales = new WeakMap<SocketConnection, string>();

  constructor(options: FrameHandlersOptions) {
    this.#options = options;
    const { users } = options;
    users.subscribeToUserRequests('message.send', (session, frame) => this.#send(session, frame));
    users.subscribeToUserRequests('command.run', (session, frame) => this.#command(this.#connectionOf(session), frame));
    users.subscribeToUserRequests('message.edit', (session, frame) => this.#branch(session, frame, 'edit'));
    users.subscribeToUserRequests('message.regenerate', (session, frame) => this.#branch(session, frame, 'regenerate'));
    users.subscribeToUserRequests('message.continue', (session, frame) => this.#branch(session, frame, 'continueAnswer'));
    users.subscribeToUserRequests('generation.attach', (session, frame) => this.#attach(session, frame));
    users.subscribeToUserRequests('generation.stop', (session, frame) => this.#stop(session, frame));
    users.subscribeToUserRequests('conversation.open', (session, frame) => openConversation(options, session, frame));
    users.subscribeToUserRequests('settings.update', (session, frame) => this.#updateSettings(session, frame));
    users.subscribeToUserRequests('draft.update', (session, frame) => updateDraft(options, session, frame));
    users.subscribeToUserRequests('action.invoke', (session, frame) => this.#invokeAction(session, frame));
    users.subscribeToUserRequests('ask.reply', (session, frame) => replyToAsk(options.surface, session, frame));
    users.subscribeToUserRequests('settings.edit', (session, frame) => this.#editSettings(session, frame));
  }

  /** Answers `hello`: what this server is, who the person is and what is running; then takes up what the client was reading. */
  async welcome(connection: SocketConnection, hello: ClientFrameOf<'hello'>): Promise<void> {
    const { session } = connection;
    const locale = localeOf(hello.locale);
    this.#locales.set(connection, locale);
    if (session === null) return this.#greet(connection, hello, locale);
    this.#connections.set(session, connection);
    const news = this.#options.users.watchNews(session.user.id);
    try {
      await this.#greet(connection, hello, locale);
      // What was told while the welcome was read may be missing from it, and came before it: again, behind it.
      for (const told of news.frames) if (isInWelcome(told)) connection.send(told);
    } finally {
      news.end();
    }
    for (const wanted of hello.resume ?? []) await this.#resume(session, wanted);
  }

  async #greet(connection: SocketConnection, hello: ClientFrameOf<'hello'>, locale: string): Promise<void> {
    const { session } = connection;
    const user = session?.user ?? null;
    const [models, settings, server, drafts, jobs, surface] = await Promise.all([
      this.#options.listModels(),
      user === null ? {} : this.#options.settings.get(user.id, null),
      this.#options.server(user),
      user === null ? [] : this.#options.drafts.list(user.id),
      user === null ? [] : this.#options.jobs.open(user.id),
      surfaceWelcome(this.#options.surface, session, locale),
    ]);
    const running = user === null ? [] : this.#options.live.runningFor(user.id);
    const welcome: ServerFrameOf<'welcome'> = {
      type: 'welcome',
      ...replyTo(hello),
      version: 1,
      user,
      models: user === null ? [] : [...models],
      commands: this.#options.router.list(user, locale),
      settings,
      limits: this.#options.limits,
      jobs,
      running,
      drafts,
      ...surface,
      server,
    };
    const { start, ending } = welcomeText(welcome);
    connection.sendText(start, ending);
  }

  /** Before sign-in only commands pass, and of those only the ones that say so. */
  async anonymousFrame(connection: SocketConnection, frame: ClientFrame): Promise<void> {
    if (frame.type === 'command.run') await this.#command(connection, frame);
    else if (frame.type === 'message.send' && parseCommandText(frame.text) !== null) await this.#textCommand(connection, frame);
    else throw new AppError('UNAUTHENTICATED');
    if (connection.session !== null) this.#connections.set(connection.session, connection);
  }

  async #send(session: UserSession, frame: ClientFrameOf<'message.send'>): Promise<void> {
    const connection = this.#connectionOf(session);
    if (parseCommandText(frame.text) !== null) {
      await this.#textCommand(connection, frame);
      if (connection.session !== null) this.#connections.set(connection.session, connection);
      return;
    }
    const { clientMessageId, conversationId, attachments, model, level, parentId, profile, temporary, folderId, modes } = frame;
    const request = {
      user: session.user,
      clientMessageId,
      conversationId,
      text: unescapeText(frame.text),
      attachments,
      model,
      level,
      parentId,
      profile,
      temporary,
      folderId,
      modes,
    };
    await this.#options.generations.send(request, askerOf(session, frame.id));
  }

  async #branch(
    session: UserSession,
    frame: ClientFrameOf<'message.edit' | 'message.regenerate' | 'message.continue'>,
    kind: 'edit' | 'regenerate' | 'continueAnswer',
  ): Promise<void> {
    const { clientMessageId, messageId } = frame;
    // A command typed into an edited message must not become a message: it may carry a password.
    if (frame.text !== undefined && parseCommandText(frame.text) !== null) {
      throw new AppError('BAD_REQUEST', { message: 'A command cannot be sent as an edited message. Type it into the composer.' });
    }
    const text = frame.text === undefined ? undefined : unescapeText(frame.text);
    const model = frame.type === 'message.regenerate' ? frame.model : undefined;
    await this.#options.generations[kind]({ user: session.user, clientMessageId, messageId, text, model }, askerOf(session, frame.id));
  }

  async #command(connection: SocketConnection, frame: ClientFrameOf<'command.run'>): Promise<void> {
    const { name, args, clientMessageId, conversationId = null, attachments, id: replyTo } = frame;
    const locale = this.#locales.get(connection);
    const call = { name, args, clientMessageId, conversationId, attachments, locale, replyTo };
    await runCommand(this.#options.router, connection, call);
    if (connection.session !== null) this.#connections.set(connection.session, connection);
  }

  async #textCommand(connection: SocketConnection, frame: ClientFrameOf<'message.send'>): Promise<void> {
    const command = parseCommandText(frame.text);
    if (command === null) return;
    const { clientMessageId, conversationId, attachments, level, id: replyTo } = frame;
    const place = { clientMessageId, conversationId, parentId: frame.parentId ?? undefined };
    const locale = this.#locales.get(connection);
    await runCommand(this.#options.router, connection, { ...command, ...place, attachments, level, locale, replyTo });
  }

  async #attach(session: UserSession, frame: ClientFrameOf<'generation.attach'>): Promise<void> {
    const { frames, follow } = await this.#options.attachment.attach(session.user.id, frame);
    // A replay has no frame of its own that could answer the request.
    if (frames.length === 0 && follow !== null && frame.id !== undefined) {
      session.send({ type: 'generation.started', ...replyTo(frame), ...follow.log.ids, model: follow.log.model });
    }
    for (const [index, sent] of frames.entries())
      session.send(index === 0 && sent.type === 'generation.snapshot' ? { ...sent, ...replyTo(frame) } : sent);
    if (follow !== null) session.follow(follow.log, follow.afterSeq);
  }

  async #resume(session: UserSession, wanted: { generationId: string; epoch: string; afterSeq: number }): Promise<void> {
    try {
      const { frames, follow } = await this.#options.attachment.attach(session.user.id, wanted);
      for (const sent of frames) session.send(sent);
      if (follow === null) return;
      this.#options.users.openConversation(session, follow.log.ids.conversationId);
      session.follow(follow.log, follow.afterSeq);
    } catch (error) {
      // It was deleted, or never theirs: there is nothing to take up.
      if (AppError.from(error).code !== 'NOT_FOUND') throw error;
    }
  }

  async #stop(session: UserSession, frame: ClientFrameOf<'generation.stop'>): Promise<void> {
    await this.#options.generations.stop(session.user.id, frame.generationId);
    const text = 'Stopped. The text so far was kept.';
    session.send({ type: 'notice', ...replyTo(frame), code: 'STOPPED', params: { generationId: frame.generationId }, text });
  }

  async #updateSettings(session: UserSession, frame: ClientFrameOf<'settings.update'>): Promise<void> {
    const { settings, users, conversations } = this.#options;
    const { conversationId = null } = frame;
    const held: Settings = await settings.update(session.user.id, conversationId, frame.settings);
    const update = { type: 'settings.updated' as const, conversationId, settings: held };
    session.send({ ...update, ...replyTo(frame) });
    users.sendToUser(session.user.id, update, session);
    if (conversationId !== null) await conversations.announce(session.user.id, conversationId);
  }

  #invokeAction(session: UserSession, { actionId, payload, id: replyTo }: ClientFrameOf<'action.invoke'>): Promise<void> {
    const connection = this.#connectionOf(session);
    const locale = this.#locales.get(connection) ?? 'en';
    const { signal } = connection.gone;
    return doBehind(connection, replyTo, async () => {
      answer(connection, await this.#options.invokeAction(session.user, { actionId, payload, locale }, signal), replyTo);
    });
  }

  async #editSettings(session: UserSession, frame: ClientFrameOf<'settings.edit'>): Promise<void> {
    const { conversations, surface } = this.#options;
    const { conversationId, values } = frame;
    const connection = this.#connectionOf(session);
    const record = await conversations.record(session.user.id, conversationId);
    await doBehind(connection, frame.id, async () => {
      const edited = await surface.editSettings(record, values, connection.gone.signal);
      session.send({ type: 'settings.fields', ...replyTo(frame), conversationId, fields: edited.fields, values: { ...edited.values } });
    });
  }

  #connectionOf(session: UserSession): SocketConnection {
    const connection = this.#connections.get(session);
    if (connection === undefined) throw new AppError('INTERNAL');
    return connection;
  }
}

function replyTo(frame: { readonly id?: string | undefined }): { replyTo?: string } {
  return frame.id === undefined ? {} : { replyTo: frame.id };
}

/** Whether a frame tells of something that `welcome` holds; a job has a version, by which the newer one is known. */
function isInWelcome({ type }: ServerFrame): boolean {
  return type === 'settings.updated' || type === 'draft.updated' || type === 'ask' || type === 'ask.ended';
}
