// A store with long conversations and long lists, and what each thing that a person does with it takes. `history-store.mjs <built store> <folder | mongodb uri>`.
import { MongoClient } from 'mongodb';
import { serveCalls } from '../harness/child.mjs';
import { loadStore } from './built-store.mjs';
import { conversationOf, seeded, sentence, writeAll } from './sample-chat.mjs';
import { conversationsOver, sendingOver } from './store-people.mjs';

const [file, place] = process.argv.slice(2);
const store = await loadStore(file);
const { collections, newId, silentLogger: logger } = store;
const database = place.startsWith('mongodb:')
  ? store.createMongoDatabase({ uri: place, collections, logger })
  : store.createSqliteDatabase({ directory: place, collections, logger });
await database.start();
await database.whenReady(AbortSignal.timeout(30_000));
const { documents } = database;
const conversations = conversationsOver(store, documents);
const sending = sendingOver(store, documents);
const random = seeded(7);
/** By length: a person with one conversation of so many messages, and a person with so many conversations. */
const long = new Map();
const many = new Map();

const rowsOf = ({ conversation, messages }) => [['conversations', conversation], ...messages.map((message) => ['messages', message])];
const made = (ownerId, turns) => conversationOf(store, { ownerId, turns, random, now: Date.now() });

async function timed(work) {
  const since = performance.now();
  const result = await work();
  return { ms: performance.now() - since, result };
}

/** A page in the middle of a conversation: behind so many pages. */
async function cursorBehind(pages, ownerId, id) {
  let before;
  for (let page = 0; page < pages; page += 1) {
    const { nextCursor } = await conversations.messages(ownerId, id, { limit: 50, before });
    if (nextCursor === null) return before;
    before = nextCursor;
  }
  return before;
}

async function oneOf(length) {
  const { ownerId, id } = long.get(length);
  const opened = await timed(async () => [await conversations.get(ownerId, id), await conversations.messages(ownerId, id, { limit: 50 })]);
  const before = await cursorBehind(Math.min(20, length / 100), ownerId, id);
  const paged = await timed(() => conversations.messages(ownerId, id, { limit: 50, before }));
  const rare = await timed(() => conversations.list(ownerId, { q: `word${3000 + Math.floor(random() * 900)}` }));
  const common = await timed(() => conversations.list(ownerId, { q: 'wor' }));
  return { open: opened.ms, page: paged.ms, rare: rare.ms, common: common.ms };
}

/** What a person with so many conversations does. */
async function ofMany(count) {
  const ownerId = many.get(count);
  const { ms: list, result: first } = await timed(() => conversations.list(ownerId, {}));
  const further = await timed(() => conversations.list(ownerId, { cursor: first.nextCursor ?? undefined }));
  const one = first.items[Math.floor(random() * first.items.length)];
  const search = await timed(() => conversations.list(ownerId, { q: one.title }));
  const open = await timed(async () => [
    await conversations.get(ownerId, one.id),
    await conversations.messages(ownerId, one.id, { limit: 50 }),
  ]);
  const send = await timed(() => sending.send(ownerId, one.id, sentence(random, 20)));
  await sending.end(send.result);
  return { list, 'list-further': further.ms, 'list-search': search.ms, 'list-open': open.ms, 'list-send': send.ms };
}

serveCalls({
  /** Conversations of these lengths, people with these many of them, and others until there are `messages` in all. */
  async fill({ lengths, counts, messages }) {
    const rows = [];
    for (const length of lengths) {
      const one = made(newId(), length / 2);
      long.set(length, { ownerId: one.conversation.ownerId, id: one.conversation.id });
      rows.push(...rowsOf(one));
    }
    for (const count of counts) {
      const ownerId = newId();
      many.set(count, ownerId);
      for (let index = 0; index < count; index += 1) rows.push(...rowsOf(made(ownerId, 0)));
    }
    const ownerId = newId();
    let filled = lengths.reduce((sum, length) => sum + length, 0);
    for (; filled < messages; filled += 100) rows.push(...rowsOf(made(ownerId, 50)));
    await writeAll(documents, rows);
    return { ownerId, messages: filled };
  },
  /** Each length in turn, `times` over: what the machine does meanwhile, it does to all of them. */
  async send({ lengths, times }) {
    const all = Object.fromEntries(lengths.map((length) => [length, []]));
    for (let time = 0; time < times; time += 1) {
      for (const length of time % 2 === 0 ? lengths : lengths.toReversed()) {
        const { ownerId, id } = long.get(length);
        const { ms, result } = await timed(() => sending.send(ownerId, id, sentence(random, 20)));
        all[length].push(ms);
        await sending.end(result);
      }
    }
    return all;
  },
  async read({ lengths, times }) {
    const all = Object.fromEntries(lengths.map((length) => [length, { open: [], page: [], rare: [], common: [] }]));
    for (let time = 0; time < times; time += 1) {
      for (const length of lengths) for (const [name, ms] of Object.entries(await oneOf(length))) all[length][name].push(ms);
    }
    return all;
  },
  async list({ counts, times }) {
    const all = Object.fromEntries(counts.map((count) => [count, {}]));
    for (let time = 0; time < times; time += 1) {
      for (const count of counts) for (const [name, ms] of Object.entries(await ofMany(count))) (all[count][name] ??= []).push(ms);
    }
    return all;
  },
  /** MongoDB: what was written for this run is nobody's any more. */
  async drop() {
    const client = new MongoClient(place);
    await client.db().dropDatabase();
    await client.close();
  },
  close: () => database.close(),
});
