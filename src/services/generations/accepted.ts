import type { Conversation, Message } from '../../protocol/index.ts';
import { audienceOf } from '../conversations/conversation-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import type { UserSession } from '../messaging/user-service.ts';
import type { GenerationPlan } from './generation-plans.ts';

export interface Accepted {
  readonly clientMessageId: string;
  readonly duplicate: boolean;
  readonly conversation: Conversation;
  readonly message: Message;
  readonly answer: Message;
  readonly generationId: string;
}

/** Who asked: told first, before any event of the generation. */
export interface Asker {
  readonly session?: UserSession | undefined;
  readonly onAccepted?: ((accepted: Accepted) => void) | undefined;
}

/** Tells who asked, then everybody else who looks at the conversation. */
export function announceAccepted(messaging: MessagingService, plan: GenerationPlan, accepted: Accepted, asker: Asker): void {
  const { conversation, message, answer } = accepted;
  asker.onAccepted?.(accepted);
  const to = { conversation: conversation.id };
  const except = asker.session;
  if (plan.isNewQuestion) messaging.publishEvent({ to, frame: { type: 'message.created', message }, except });
  messaging.publishEvent({ to, frame: { type: plan.continued ? 'message.updated' : 'message.created', message: answer }, except });
  const type = plan.isNewConversation ? 'conversation.created' : 'conversation.updated';
  messaging.publishEvent({ to: audienceOf(plan.conversation), frame: { type, conversation } });
  if (asker.session !== undefined) messaging.users.openConversation(asker.session, conversation.id);
}
