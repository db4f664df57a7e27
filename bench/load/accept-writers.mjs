// Writers of `accept`: what `services/generations` writes for an accepted message, through the store; and the control beside it.
import { serveCalls } from '../harness/child.mjs';
import { startBareWriter } from './bare-writer.mjs';
import { loadStore } from './built-store.mjs';
import { QUESTION_WORDS, seeded, sentence, writeAll } from './sample-chat.mjs';
import { generationOf } from './store-people.mjs';

const [file, folder] = process.argv.slice(2);
const store = await loadStore(file);
const { collections, newId, silentLogger: logger } = store;
const database = store.createSqliteDatabase({ directory: folder, collections, logger });
await database.start();
const acceptance = new store.Acceptance(database.documents);
const bare = await startBareWriter(folder);
const random = seeded(1);

const noUploads = { get: () => Promise.reject(new Error('no files here')) };
const limits = { textBytes: 48 * 1024, attachmentsPerMessage: 10 };

/** Conversations to write in: each takes one message, because only one answer may run in it. */
async function conversations(count, owners) {
  const now = Date.now();
  const all = Array.from({ length: count }, (_, index) =>
    store.newConversation({ ownerId: owners[index % owners.length], title: sentence(random, 4), titledBy: 'automatic', now }),
  );
  await writeAll(
    database.documents,
    all.map((conversation) => ['conversations', conversation]),
  );
  return all;
}

/** The plan as `GenerationPlans` makes it of a conversation that was read. */
async function acceptOne(conversation, text) {
  const found = conversation === null ? null : conversation.id;
  const request = { user: { id: conversation?.ownerId ?? 'owner' }, clientMessageId: newId(), conversationId: found, text };
  const documents = { get: () => Promise.resolve(conversation) };
  const plan = await new store.GenerationPlans({ documents, uploads: noUploads, limits, now: Date.now }).send(request);
  const dedupeKey = store.dedupeKeyOf(plan.conversation.ownerId, request.clientMessageId);
  const generation = generationOf(store, plan, { dedupeKey, bodyHash: store.hashOfSend(request) });
  await acceptance.write({ generation, operations: store.acceptedOperations(plan, generation) });
}

function bareOne(conversation, text) {
  const [generation, question, answer] = [newId(), newId(), newId()];
  const rowOf = (id, fields) => [id, conversation.id, JSON.stringify({ id, conversationId: conversation.id, ...fields })];
  const message = { ownerId: conversation.ownerId, createdAt: Date.now(), status: 'complete' };
  return bare.write([
    rowOf(generation, { messageId: answer, status: 'running', leaseUntil: Date.now(), startedAt: Date.now() }),
    rowOf(question, { ...message, role: 'user', parts: [{ type: 'text', text }] }),
    rowOf(answer, { ...message, role: 'assistant', parts: [] }),
  ]);
}

/** `writers` at once, each with its next message when the last one is on the disk. */
async function timed(writers, count, one) {
  const latencies = new Float64Array(count);
  let at = 0;
  const writer = async () => {
    while (at < count) {
      const index = at;
      at += 1;
      const since = performance.now();
      await one(index);
      latencies[index] = performance.now() - since;
    }
  };
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(Array.from({ length: writers }, writer));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort();
  return { rate: count / seconds, cpuUs: (user + system) / count, p99: latencies[Math.floor(count * 0.99)] };
}

serveCalls({
  async round({ writers, count }) {
    const owners = Array.from({ length: writers }, () => newId());
    const open = await conversations(count, owners);
    const texts = Array.from({ length: count }, () => sentence(random, QUESTION_WORDS));
    return {
      bare: await timed(writers, count, (index) => bareOne(open[index], texts[index])),
      store: await timed(writers, count, (index) => acceptOne(open[index], texts[index])),
      begun: await timed(writers, count / 4, (index) => acceptOne(null, texts[index])),
      one: await timed(1, count / 16, () => acceptOne(null, 'one after the other')),
    };
  },
  async end() {
    await database.close();
    await bare.close();
  },
});
