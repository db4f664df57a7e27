import type { ClientFrame, ClientFrameType, ServerFrame, User } from '../../protocol/index.ts';
import { closeCodes } from '../../protocol/index.ts';
import type { GenerationLog } from '../generations/generation-log.ts';

/** One connected client of a person. The gateway makes it; services speak to people only through it. */
export interface UserSession {
  readonly id: string;
  readonly user: User;
  /** The signed-in session (token) it stands on; revoking that closes it. */
  readonly sid: string;
  send(frame: ServerFrame): void;
  /** Sends every event after `afterSeq`, then follows live; following again moves the cursor. */
  follow(log: GenerationLog, afterSeq: number): void;
  close(code: number, reason: string): void;
}

export type RequestHandler<T extends ClientFrameType> = (session: UserSession, frame: Extract<ClientFrame, { type: T }>) => Promise<void>;

/** What is told while somebody reads from the store what these frames change: it may be missing from what was read. */
export interface NewsWatch {
  readonly frames: readonly ServerFrame[];
  /** To be called in any case. */
  end(): void;
}

export interface SessionInfo {
  readonly sessions: number;
  readonly conversations: readonly string[];
}

/**
 * Real-time streams to people: who is connected, which conversation each client has open, and the way of every answer and
 * thought to them. Requests come in through `receiveUserRequest` and go to whoever subscribed to their type.
 */
export class UserService {
  readonly #sessions = new Map<string, UserSession>();
  readonly #byUser = new Map<string, Set<UserSession>>();
  readonly #open = new Map<string, Set<UserSession>>();
  readonly #openBy = new Map<string, Set<string>>();
  readonly #handlers = new Map<string, (session: UserSession, frame: ClientFrame) => Promise<void>>();
  readonly #watches = new Map<string, Set<ServerFrame[]>>();
  readonly #maxSessionsPerUser: number;
  readonly #leftListeners: ((userId: string, conversationIds: readonly string[]) => void)[] = [];

  /** @param options.maxSessionsPerUser a further one closes the oldest; 0: no limit */
  constructor(options: { readonly maxSessionsPerUser: number }) {
    this.#maxSessionsPerUser = options.maxSessionsPerUser;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** How many people have at least one client. */
  get people(): number {
    return this.#byUser.size;
  }

  registerUserSession(session: UserSession): void {
    const own = this.#byUser.get(session.user.id) ?? new Set();
    if (this.#maxSessionsPerUser > 0 && own.size >= this.#maxSessionsPerUser) {
      const [oldest] = own;
      if (oldest !== undefined) {
        this.endUserSession(oldest.id);
        oldest.close(closeCodes.replaced, 'replaced by a newer connection');
      }
    }
    own.add(session);
    this.#byUser.set(session.user.id, own);
    this.#sessions.set(session.id, session);
  }

  endUserSession(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    removeFrom(this.#byUser, session.user.id, session);
    const opened = [...(this.#openBy.get(sessionId) ?? [])];
    for (const conversationId of opened) removeFrom(this.#open, conversationId, session);
    this.#openBy.delete(sessionId);
    const left = opened.filter((conversationId) => !this.#open.has(conversationId));
    if (left.length > 0) for (const listener of this.#leftListeners) listener(session.user.id, left);
  }

  /** Told of conversations that no client has open any more, since the last one that had is gone. */
  onLeft(listener: (userId: string, conversationIds: readonly string[]) => void): void {
    this.#leftListeners.push(listener);
  }

  /** Whether any client has it open. */
  isOpen(conversationId: string): boolean {
    return this.#open.has(conversationId);
  }

  getSessionInfo(userId: string): SessionInfo {
    const own = this.#byUser.get(userId) ?? new Set();
    const conversations = new Set([...own].flatMap((session) => [...(this.#openBy.get(session.id) ?? [])]));
    return { sessions: own.size, conversations: [...conversations] };
  }

  /** From now on this client gets what happens in the conversation. The caller has checked that it is theirs. */
  openConversation(session: UserSession, conversationId: string): void {
    if (!this.#sessions.has(session.id)) return;
    const sessions = this.#open.get(conversationId) ?? new Set();
    sessions.add(session);
    this.#open.set(conversationId, sessions);
    const opened = this.#openBy.get(session.id) ?? new Set();
    opened.add(conversationId);
    this.#openBy.set(session.id, opened);
  }

  /** Collects what is told to a person and, where one is named, in a conversation from now on. */
  watchNews(userId: string, conversationId?: string): NewsWatch {
    const frames: ServerFrame[] = [];
    const watched = conversationId === undefined ? [userId] : [userId, conversationId];
    for (const id of watched) this.#watches.set(id, (this.#watches.get(id) ?? new Set()).add(frames));
    return {
      frames,
      end: () => {
        for (const id of watched) removeFrom(this.#watches, id, frames);
      },
    };
  }

  /** The answer goes, event by event, to every client that has its conversation open. */
  streamResponse(log: GenerationLog, model: string): void {
    const started = { type: 'generation.started' as const, ...log.ids, model };
    this.#note(log.ids.conversationId, started);
    for (const session of this.#openIn(log.ids.conversationId)) {
      session.send(started);
      session.follow(log, 0);
    }
  }

  /** What the model is doing before and between tokens. Has no seq and may be lost. */
  sendThinkingProcess(ids: GenerationLog['ids'], state: 'waiting' | 'thinking' | 'retrying', retryAfter?: number): void {
    const { generationId, conversationId } = ids;
    const wait = retryAfter === undefined ? {} : { retryAfter };
    this.sendToConversation(conversationId, { type: 'generation.status', generationId, conversationId, state, ...wait });
  }

  sendToUser(userId: string, frame: ServerFrame, except?: UserSession): void {
    this.#note(userId, frame);
    for (const session of this.#byUser.get(userId) ?? []) if (session !== except) session.send(frame);
  }

  sendToConversation(conversationId: string, frame: ServerFrame, except?: UserSession): void {
    this.#note(conversationId, frame);
    for (const session of this.#openIn(conversationId)) if (session !== except) session.send(frame);
  }

  /** @throws when the type is subscribed already: each request has exactly one answerer */
  subscribeToUserRequests<T extends ClientFrameType>(type: T, handler: RequestHandler<T>): void {
    if (this.#handlers.has(type)) throw new Error(`${type} is handled twice`);
    this.#handlers.set(type, async (session, frame) => {
      if (isOfType(frame, type)) await handler(session, frame);
    });
  }

  /** @returns false when nobody handles this type */
  async receiveUserRequest(session: UserSession, frame: ClientFrame): Promise<boolean> {
    const handler = this.#handlers.get(frame.type);
    if (handler === undefined) return false;
    await handler(session, frame);
    return true;
  }

  /** Closes the clients of a person, or only those that stand on the named sessions. */
  closeSessions(userId: string, code: number, reason: string, sids?: ReadonlySet<string>): void {
    for (const session of [...(this.#byUser.get(userId) ?? [])]) {
      if (sids !== undefined && !sids.has(session.sid)) continue;
      this.endUserSession(session.id);
      session.close(code, reason);
    }
  }

  all(): readonly UserSession[] {
    return [...this.#sessions.values()];
  }

  #note(watched: string, frame: ServerFrame): void {
    for (const frames of this.#watches.get(watched) ?? []) frames.push(frame);
  }

  #openIn(conversationId: string): readonly UserSession[] {
    return [...(this.#open.get(conversationId) ?? [])];
  }
}

function isOfType<T extends ClientFrameType>(frame: ClientFrame, type: T): frame is Extract<ClientFrame, { type: T }> {
  return frame.type === type;
}

function removeFrom<T>(map: Map<string, Set<T>>, key: string, one: T): void {
  const all = map.get(key);
  if (all === undefined) return;
  all.delete(one);
  if (all.size === 0) map.delete(key);
}
