import type { ClientFrameOf } from '../../protocol/index.ts';
import type { Drafts } from '../../services/drafts/drafts.ts';
import type { UserService, UserSession } from '../../services/messaging/user-service.ts';

/** Keeps what a person is typing and shows it on their other clients; the one that typed gets the answer only. */
export async function updateDraft(
  { drafts, users }: { readonly drafts: Drafts; readonly users: UserService },
  session: UserSession,
  { id, conversationId, text }: ClientFrameOf<'draft.update'>,
): Promise<void> {
  const draft = await drafts.update(session.user.id, conversationId, text);
  session.send({ type: 'draft.updated', ...(id === undefined ? {} : { replyTo: id }), draft });
  users.sendToUser(session.user.id, { type: 'draft.updated', draft }, session);
}
