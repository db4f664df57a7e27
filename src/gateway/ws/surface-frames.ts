import { AppError } from '../../lib/app-error.ts';
import type { ClientFrameOf, ServerFrameOf, SurfaceInfo } from '../../protocol/index.ts';
import type { ConversationRecord } from '../../services/conversations/conversation-record.ts';
import type { UserSession } from '../../services/messaging/user-service.ts';
import type { Asks } from '../../services/surface/asks.ts';
import type { Presence } from '../../services/surface/presence.ts';
import type { EditedFields } from '../../services/surface/settings-edit.ts';
import type { SocketConnection } from './socket-connection.ts';

/** What plugins show, as far as sockets have to do with it. */
export interface SurfaceFrames {
  readonly info: () => SurfaceInfo;
  readonly asks: Pick<Asks, 'open' | 'reply'>;
  readonly presence: Pick<Presence, 'opened'>;
  /** The language of a person's newest client. */
  readonly speaks: (userId: string, locale: string) => void;
  readonly signedIn: (userId: string, sid: string) => void;
  /** @throws AppError BAD_REQUEST that names the field */
  readonly editSettings: (
    record: ConversationRecord,
    values: ClientFrameOf<'settings.edit'>['values'],
    signal: AbortSignal,
  ) => Promise<EditedFields>;
}

/** For `welcome`: what is around the conversation, and the questions that wait. */
export async function surfaceWelcome(
  surface: SurfaceFrames,
  session: UserSession | null,
  locale: string,
): Promise<Pick<ServerFrameOf<'welcome'>, 'surface' | 'asks'>> {
  if (session === null) return { surface: surface.info() };
  const { id: userId } = session.user;
  surface.speaks(userId, locale);
  surface.signedIn(userId, session.sid);
  return { surface: surface.info(), asks: await surface.asks.open(userId) };
}

/** The person's other clients hear of it too; this one gets the answer to its request. */
export async function replyToAsk({ asks }: SurfaceFrames, session: UserSession, frame: ClientFrameOf<'ask.reply'>): Promise<void> {
  const { askId, value, cancel, id } = frame;
  const ended = await asks.reply(session.user.id, { askId, value, cancel }, session);
  session.send({ ...ended, ...(id === undefined ? {} : { replyTo: id }) });
}

/** Work of plugins that one socket may have under way. */
const MOST_BEHIND = 8;
const behind = new WeakMap<SocketConnection, number>();

/**
 * Does what a plugin has to be asked for behind the other frames of a socket, which must not wait for it.
 * @throws AppError RATE_LIMITED when too much of it is under way
 */
export function doBehind(connection: SocketConnection, id: string | undefined, work: () => Promise<void>): Promise<void> {
  const underWay = behind.get(connection) ?? 0;
  if (underWay >= MOST_BEHIND) throw new AppError('RATE_LIMITED', { retryAfter: 2, params: { scope: 'actions', seconds: 2 } });
  behind.set(connection, underWay + 1);
  work()
    .catch((error: unknown) => connection.sendError(error, id))
    .finally(() => behind.set(connection, (behind.get(connection) ?? 1) - 1));
  return Promise.resolve();
}
