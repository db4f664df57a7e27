// What one person does with a store: the services of conversations and of acceptance over it, without sockets and models.

const limits = { textBytes: 48 * 1024, attachmentsPerMessage: 10 };
const noUploads = { get: () => Promise.reject(new Error('no files here')) };
const nobody = { publishEvent: () => {}, users: {} };
const nothingRuns = { inConversation: () => undefined };

/** @param store the module of `built-store` @param documents a DocumentStore */
export function conversationsOver(store, documents) {
  return new store.Conversations({ documents, messaging: nobody, live: nothingRuns, clock: store.systemClock });
}

/** @returns `send(ownerId, conversationId, text)`: resolves when it is accepted; `end` frees the conversation for the next one */
export function sendingOver(store, documents) {
  const acceptance = new store.Acceptance(documents);
  const plans = new store.GenerationPlans({ documents, uploads: noUploads, limits, now: Date.now });
  return {
    async send(ownerId, conversationId, text) {
      const request = { user: { id: ownerId }, clientMessageId: store.newId(), conversationId, text };
      const dedupeKey = store.dedupeKeyOf(ownerId, request.clientMessageId);
      if ((await acceptance.find(dedupeKey)) !== null) throw new Error('it was sent before');
      const plan = await plans.send(request);
      const generation = generationOf(store, plan, { dedupeKey, bodyHash: store.hashOfSend(request) });
      await acceptance.write({ generation, operations: store.acceptedOperations(plan, generation) });
      return { generation, answerId: plan.answer.id };
    },
    end: ({ generation }) =>
      documents.update('generations', generation.id, { set: { status: 'complete', finishedAt: Date.now() }, unset: ['runningKey'] }),
  };
}

/** The row as `services/generations` makes it. */
export function generationOf({ newId }, { conversation, question, answer }, identity) {
  return {
    ...{ id: newId(), ownerId: conversation.ownerId, conversationId: conversation.id, userMessageId: question.id, messageId: answer.id },
    ...identity,
    ...{ runningKey: conversation.id, status: 'running', model: 'gemini-2.5-flash', level: 'normal', epoch: newId() },
    ...{ leaseOwner: 'bench', leaseUntil: Date.now() + 45_000, startedAt: Date.now() },
  };
}
