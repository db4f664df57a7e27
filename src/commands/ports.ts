import type {
  Conversation,
  Finding,
  Job,
  Message,
  ModelInfo,
  Page,
  PluginInfo,
  PluginPatchBody,
  Settings,
  UsageReport,
  User,
} from '../protocol/index.ts';
import type { Asker } from '../services/generations/accepted.ts';
import type { ClientInfo } from './command.ts';

/** What the built-in commands need, in their own words. Whatever throws, throws AppError for what a person may see. */

export interface GrantedSession {
  readonly user: User;
  readonly sid: string;
  readonly token: string;
  readonly expiresAt: string;
}

export interface AccountsPort {
  signup(body: { name: string; email: string; password: string }, client: ClientInfo): Promise<GrantedSession>;
  login(body: { email: string; password: string }, client: ClientInfo): Promise<GrantedSession>;
  logout(sid: string): Promise<void>;
  /** Ends the other sessions of the user, not this one. */
  changePassword(userId: string, sid: string, current: string, next: string): Promise<void>;
  /** The one-time code that the browser trades for the cookie. */
  grantCode(userId: string, sid: string): string;
}

export interface ListQuery {
  readonly cursor?: string;
  /** Words to search for. */
  readonly q?: string;
  readonly limit?: number;
}

/** Every call is about the conversations of this user: another's is NOT_FOUND. */
export interface ConversationsPort {
  /** Newest first. */
  list(userId: string, query: ListQuery): Promise<Page<Conversation>>;
  get(userId: string, id: string): Promise<Conversation>;
  patch(userId: string, id: string, patch: { title?: string }): Promise<Conversation>;
  remove(userId: string, id: string): Promise<void>;
  /** All branches, newest first. */
  messages(userId: string, id: string, query: { before?: string; limit?: number }): Promise<Page<Message>>;
}

export interface AnswerRequest {
  readonly user: User;
  readonly clientMessageId: string;
  /** Its newest answer is meant. */
  readonly conversationId: string;
}

export interface GenerationsPort {
  /** @returns false when no answer is being written in this conversation */
  stopIn(userId: string, conversationId: string): Promise<boolean>;
  /** The same `clientMessageId` again is the same request, though the newest answer is another one by then. */
  regenerate(request: AnswerRequest, asker: Asker): Promise<{ readonly generationId: string }>;
  /** As {@link regenerate}. */
  continueAnswer(request: AnswerRequest, asker: Asker): Promise<{ readonly generationId: string }>;
}

/** `conversationId` null: the settings of the user, which hold wherever a conversation has none of its own. */
export interface SettingsPort {
  get(userId: string, conversationId: string | null): Promise<Settings>;
  /** @returns the settings in force after the change */
  update(userId: string, conversationId: string | null, patch: Settings): Promise<Settings>;
}

export interface ModelsPort {
  list(): Promise<readonly ModelInfo[]>;
  /** The id of the model that the next answer comes from. */
  current(userId: string, conversationId: string | null): Promise<string>;
}

export interface UsagePort {
  /** What a person has used, and may use. */
  of(userId: string): Promise<UsageReport>;
}

export interface DoctorPort {
  examine(user: User): Promise<readonly Finding[]>;
}

export interface PluginsPort {
  list(user: User): Promise<readonly PluginInfo[]>;
  /** For administrators, whose rights were checked. */
  change(admin: User, name: string, patch: PluginPatchBody): Promise<PluginInfo>;
}

export interface JobsPort {
  /** Newest first. */
  list(userId: string, query: { readonly limit: number }): Promise<Page<Job>>;
}

export interface CommandPorts {
  readonly accounts: AccountsPort;
  readonly conversations: ConversationsPort;
  readonly generations: GenerationsPort;
  readonly settings: SettingsPort;
  readonly models: ModelsPort;
  readonly usage: UsagePort;
  readonly doctor: DoctorPort;
  readonly plugins: PluginsPort;
  readonly jobs: JobsPort;
}
