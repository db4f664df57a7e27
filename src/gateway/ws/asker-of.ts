import type { Accepted, Asker } from '../../services/generations/accepted.ts';
import type { UserSession } from '../../services/messaging/user-service.ts';

/** Who asked, so that `message.accepted` answers the request before any event of its generation. */
export function askerOf(session: UserSession, id: string | undefined): Asker {
  const reply = id === undefined ? {} : { replyTo: id };
  return { session, onAccepted: (accepted: Accepted) => session.send({ type: 'message.accepted', ...reply, ...accepted }) };
}
