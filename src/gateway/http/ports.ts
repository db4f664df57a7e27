import type { z } from 'zod';
import type {
  CommandInfo,
  Conversation,
  conversationCreateBodySchema,
  conversationListQuerySchema,
  conversationPatchBodySchema,
  FoundConversation,
  feedbackBodySchema,
  LoginBody,
  Message,
  ModelInfo,
  messageListQuerySchema,
  Page,
  Settings,
  SignupBody,
  User,
} from '../../protocol/index.ts';
import type { SessionVerifier } from '../authenticate-request.ts';

/** What the routes need of the services, in the routes' words; the services implement it structurally. */

export interface ClientInfo {
  readonly addressKey: string | null;
  readonly label?: string;
}

export interface SessionGrant {
  readonly user: User;
  readonly sid: string;
  readonly token: string;
  /** ISO time. */
  readonly expiresAt: string;
}

export interface AccountsPort extends SessionVerifier {
  signup(body: SignupBody, client: ClientInfo): Promise<SessionGrant>;
  login(body: LoginBody, client: ClientInfo): Promise<SessionGrant>;
  logout(sid: string): Promise<void>;
  changePassword(userId: string, sid: string, current: string, next: string): Promise<void>;
  exchange(code: string): Promise<SessionGrant>;
}

/** Each method sees only what belongs to `userId`: another owner's is NOT_FOUND. */
export interface ConversationsPort {
  list(userId: string, query: z.infer<typeof conversationListQuerySchema>): Promise<Page<FoundConversation>>;
  create(userId: string, body: z.infer<typeof conversationCreateBodySchema>): Promise<Conversation>;
  get(userId: string, id: string): Promise<Conversation>;
  patch(userId: string, id: string, body: z.infer<typeof conversationPatchBodySchema>): Promise<Conversation>;
  remove(userId: string, id: string): Promise<void>;
  /** Takes a deletion back while that is still possible. */
  restore(userId: string, id: string): Promise<Conversation>;
  /** Newest page first. */
  messages(userId: string, id: string, query: z.infer<typeof messageListQuerySchema>): Promise<Page<Message>>;
}

export interface FeedbackPort {
  set(userId: string, messageId: string, feedback: z.infer<typeof feedbackBodySchema>): Promise<Message>;
}

export interface ModelsPort {
  list(): Promise<readonly ModelInfo[]>;
}

export interface CommandsPort {
  /** @param locale of the summaries, where they have one */
  list(user: User | null, locale?: string): readonly CommandInfo[];
}

export interface SettingsPort {
  get(userId: string, conversationId: string | null): Promise<Settings>;
  update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings>;
}

export interface Readiness {
  readonly ready: boolean;
  /** Plain sentences for the operator, without secrets. */
  readonly reasons: readonly string[];
  /** What is accepted is lost with the next start. */
  readonly durability?: 'none';
}

/** Set by the drain: readiness goes to 503 and connections close after their answer. */
export interface DrainState {
  readonly draining: boolean;
}
