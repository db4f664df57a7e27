// The control of `accept`: a worker that commits three rows of a message in groups, one fsync each, and does nothing else.
import { join } from 'node:path';
import { isMainThread, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import Database from 'libsql';

const MOST = 512;

/** @returns `write(rows)`, which resolves when they are on the disk, and `close` */
export async function startBareWriter(folder) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { file: join(folder, 'bare.db') } });
  const waiting = new Map();
  let ids = 0;
  let outbox = [];
  await new Promise((resolve) => worker.once('message', resolve));
  worker.on('message', (done) => {
    for (const id of done) {
      waiting.get(id)();
      waiting.delete(id);
    }
  });
  const flush = () => {
    worker.postMessage(outbox);
    outbox = [];
  };
  return {
    write: (rows) =>
      new Promise((resolve) => {
        ids += 1;
        waiting.set(ids, resolve);
        if (outbox.length === 0) queueMicrotask(flush);
        outbox.push({ id: ids, rows });
      }),
    close: () => worker.terminate(),
  };
}

function serve() {
  const db = new Database(workerData.file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE messages (id TEXT PRIMARY KEY, conversation TEXT, doc TEXT) WITHOUT ROWID');
  db.exec('CREATE TABLE generations (id TEXT PRIMARY KEY, conversation TEXT, doc TEXT) WITHOUT ROWID');
  db.exec('CREATE INDEX of_messages ON messages (conversation, id)');
  db.exec('CREATE UNIQUE INDEX of_generations ON generations (conversation)');
  const message = db.prepare('INSERT INTO messages VALUES (?, ?, ?)');
  const generation = db.prepare('INSERT INTO generations VALUES (?, ?, ?)');
  parentPort.on('message', (first) => {
    const group = [...first];
    for (let next = receiveMessageOnPort(parentPort); next !== undefined; next = receiveMessageOnPort(parentPort)) {
      group.push(...next.message);
      if (group.length >= MOST) break;
    }
    db.exec('BEGIN IMMEDIATE');
    for (const { rows } of group) {
      generation.run(...rows[0]);
      message.run(...rows[1]);
      message.run(...rows[2]);
    }
    db.exec('COMMIT');
    parentPort.postMessage(group.map(({ id }) => id));
  });
  parentPort.postMessage('open');
}

if (!isMainThread) serve();
