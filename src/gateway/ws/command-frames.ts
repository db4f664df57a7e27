import type { CommandContext, CommandOutcome } from '../../commands/command.ts';
import type { CommandRouter } from '../../commands/command-router.ts';
import { noticeText } from '../../commands/notice-text.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Level } from '../../protocol/index.ts';
import { askerOf } from './asker-of.ts';
import type { SocketConnection } from './socket-connection.ts';

export interface CommandCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly clientMessageId: string;
  readonly conversationId: string | null;
  readonly attachments?: readonly string[] | undefined;
  readonly parentId?: string | undefined;
  readonly level?: Level | undefined;
  readonly locale: string | undefined;
  readonly replyTo: string | undefined;
}

/** Runs a command for a socket and answers it. Arguments pass through here and are kept nowhere. */
export async function runCommand(router: CommandRouter, connection: SocketConnection, call: CommandCall): Promise<void> {
  const identity = connection.session === null ? null : connection.identity;
  const context: CommandContext = {
    user: identity?.user ?? null,
    sid: identity?.sid ?? null,
    client: connection.client,
    conversationId: call.conversationId,
    clientMessageId: call.clientMessageId,
    attachments: call.attachments ?? [],
    parentId: call.parentId,
    level: call.level,
    locale: call.locale,
    signal: connection.gone.signal,
    ...(connection.session === null ? {} : { asker: askerOf(connection.session, call.replyTo) }),
  };
  answer(connection, await router.run(call.name, call.args, context), call.replyTo);
}

/** Tells the socket what came of a command or an action. */
export function answer(connection: SocketConnection, outcome: CommandOutcome, replyTo: string | undefined): void {
  const reply = replyTo === undefined ? {} : { replyTo };
  switch (outcome.type) {
    case 'notice': {
      const { code, params = {}, data } = outcome;
      const text = noticeText(code, params, data);
      connection.send({ type: 'notice', ...reply, code, params: { ...params }, text, ...(data === undefined ? {} : { data }) });
      return;
    }
    case 'auth':
      connection.signIn({ user: outcome.user, sid: outcome.sid });
      connection.send({ type: 'auth.granted', ...reply, user: outcome.user, code: outcome.code });
      return;
    case 'signed-out':
      // The sockets of the session are closed with 4401 by its end.
      return;
    case 'accepted':
      // `message.accepted` was sent when the message was stored.
      return;
    default: {
      const unknown: never = outcome;
      throw new AppError('INTERNAL', { cause: unknown });
    }
  }
}
