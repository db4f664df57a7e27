import type { BatchOperation } from '../../lib/document-store.ts';
import { conversationsCollection } from '../conversations/conversation-record.ts';
import { messagesCollection } from '../conversations/message-record.ts';
import type { GenerationPlan } from './generation-plans.ts';
import type { GenerationRecord } from './generation-record.ts';

/** What belongs to an accepted request besides its generation row: each can be repeated. */
export function acceptedOperations(plan: GenerationPlan, generation: GenerationRecord): BatchOperation[] {
  const { conversation, question, answer } = plan;
  const now = generation.startedAt;
  const modes = plan.modes === undefined ? {} : { modes: plan.modes };
  const running = { headId: answer.id, runningId: generation.id, updatedAt: now, ...modes };
  const operations: BatchOperation[] = [];
  if (plan.isNewConversation) operations.push({ type: 'insertIfAbsent', collection: conversationsCollection.name, document: conversation });
  if (plan.isNewQuestion && question !== null)
    operations.push({ type: 'insertIfAbsent', collection: messagesCollection.name, document: question });
  if (plan.continued) {
    // Repeated after its answer has ended, it must not open the message again.
    const expect = { generationId: answer.generationId ?? null };
    const change = { expect, set: { status: 'streaming', generationId: generation.id, seq: 0 }, unset: ['error', 'finishReason'] };
    operations.push({ type: 'update', collection: messagesCollection.name, id: answer.id, change });
  } else {
    const document = { ...answer, generationId: generation.id, seq: 0, model: generation.model };
    operations.push({ type: 'insertIfAbsent', collection: messagesCollection.name, document });
  }
  // One that was removed for good since it was read takes no message: nobody would ever remove that.
  const change = { expect: { ownerId: conversation.ownerId }, set: running };
  operations.push({ type: 'update', collection: conversationsCollection.name, id: conversation.id, change });
  return operations;
}
