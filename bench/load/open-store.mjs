// Opens a store in a process of its own and reads the first pages: `open-store.mjs <built store> <folder> <owner>`. Prints one line of JSON.
import { loadStore } from './built-store.mjs';
import { conversationsOver } from './store-people.mjs';

const [file, directory, ownerId] = process.argv.slice(2);
const store = await loadStore(file);
const { collections, silentLogger: logger } = store;
const database = store.createSqliteDatabase({ directory, collections, logger });
const conversations = conversationsOver(store, database.documents);
globalThis.gc();
const before = process.memoryUsage().rss;

let last = performance.now();
let stall = 0;
const beat = setInterval(() => {
  const now = performance.now();
  stall = Math.max(stall, now - last - 1);
  last = now;
}, 1);
await new Promise((resolve) => setTimeout(resolve, 20));
stall = 0;
const begun = performance.now();
await database.start();
const list = await conversations.list(ownerId, {});
const page = await conversations.messages(ownerId, list.items[0].id, { limit: 50 });
const ms = performance.now() - begun;
await new Promise((resolve) => setTimeout(resolve, 5));
clearInterval(beat);
const rss = (process.memoryUsage().rss - before) / 2 ** 20;
console.log(JSON.stringify({ ms, rss, stall, messages: page.items.length }));
await database.close();
