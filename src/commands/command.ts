import type { Words } from '../core/index.ts';
import { AppError } from '../lib/app-error.ts';
import type { CommandInfo, Level, NoticeCode, User } from '../protocol/index.ts';
import type { Asker } from '../services/generations/accepted.ts';

/** Where a request came from; the accounts use it to slow guessing down and to name a session. */
export interface ClientInfo {
  /** The key of limits per client address; null where they are off. */
  readonly addressKey: string | null;
  readonly label?: string;
}

/** Who runs a command, and where. */
export interface CommandContext {
  /** `null`: nobody is signed in on this socket. */
  readonly user: User | null;
  /** The session of this socket. */
  readonly sid: string | null;
  readonly client: ClientInfo;
  /** The conversation that the person looks at; `null` before the first message of a new one. */
  readonly conversationId: string | null;
  /** The id that makes a repeated request harmless. */
  readonly clientMessageId: string;
  /** Pictures that came along, for commands that work on some. */
  readonly attachments?: readonly string[];
  /** The message below which the person writes; absent: the conversation's head. */
  readonly parentId?: string | undefined;
  /** How much effort the person asked for. */
  readonly level?: Level | undefined;
  /** The language of the client, where it said: `en`, `fa` or `ar`. */
  readonly locale?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Who is told first when a command starts an answer; handed on to the services as it is. */
  readonly asker?: Asker;
}

export interface NoticeOutcome {
  readonly type: 'notice';
  readonly code: NoticeCode;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** Structured matter for a client that can show it; its form for each code stands in docs/protocol.md. */
  readonly data?: unknown;
  /** Where given, the conversation that the socket turns to; `null` is a new one. */
  readonly conversationId?: string | null;
}

export type CommandOutcome =
  | NoticeOutcome
  /** The gateway signs the socket in and sends `auth.granted`; `token` and `sid` stay on the server. */
  | { readonly type: 'auth'; readonly user: User; readonly sid: string; readonly token: string; readonly code: string }
  /** The session is revoked: the gateway closes its sockets with 4401. */
  | { readonly type: 'signed-out' }
  /** An answer was started; the services have sent `message.accepted` already. */
  | { readonly type: 'accepted'; readonly generationId: string };

export interface Command {
  readonly info: CommandInfo;
  /** Other names of the same command; not listed by /help. */
  readonly aliases?: readonly string[];
  /** The summary in the languages that it has; `info` holds the English one. */
  readonly summary?: Words;
  /** It reads its own words, flags among them: the router checks none. */
  readonly ownArguments?: boolean;
  /** Whether it is in the lists now; one that is not says why when it is run. Default: it is. */
  readonly offered?: () => boolean;
  /** The last argument may go on over any number of further words, as in `/rename <title…>`. */
  readonly rest?: boolean;
  /**
   * @param args as many as `info.args` asks for, each one of its choices where it has some (in any letter case)
   * @param available what this person may run, for /help
   * @throws AppError what a person may see
   */
  run(args: readonly string[], context: CommandContext, available: readonly CommandInfo[]): Promise<CommandOutcome>;
}

/** @throws AppError UNAUTHENTICATED */
export function signedInUser(context: CommandContext): User {
  if (context.user === null) throw new AppError('UNAUTHENTICATED');
  return context.user;
}

/** @throws AppError UNAUTHENTICATED */
export function signedInSession(context: CommandContext): { readonly user: User; readonly sid: string } {
  if (context.user === null || context.sid === null) throw new AppError('UNAUTHENTICATED');
  return { user: context.user, sid: context.sid };
}

/** @throws AppError BAD_REQUEST when no conversation is open */
export function openConversation(context: CommandContext): string {
  if (context.conversationId !== null) return context.conversationId;
  throw new AppError('BAD_REQUEST', {
    message: 'Open a conversation first: /convs lists yours, /select opens one.',
    params: { field: 'conversationId' },
  });
}
