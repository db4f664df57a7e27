import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openSqliteEngine, type SqliteEngineOptions } from './sqlite-engine.ts';
import { faultFrom } from './sqlite-faults.ts';
import { type FromSqliteWorker, isList, type SqliteRequest, type SqliteWorkerData, type ToSqliteWorker } from './sqlite-protocol.ts';

const maxGroup = 512;

type ServeOptions = Omit<SqliteEngineOptions, 'onNote'>;

/** What the thread of the embedded store does from its beginning to its end. SQLite blocks for every fsync, so it blocks here. */
export function serveSqlite(options: ServeOptions = {}): void {
  const port = parentPort;
  if (port === null) throw new Error('the store runs in a worker thread only');
  // Both sides of this boundary are built from the same source, so its types hold.
  const data: SqliteWorkerData | undefined = workerData ?? undefined;
  if (data !== undefined) return serve(port, data, options);
  port.once('message', (message: ToSqliteWorker) => {
    if (!isList(message) && message.type === 'open') serve(port, message.data, options);
    else port.close();
  });
}

function serve(port: MessagePort, data: SqliteWorkerData, options: ServeOptions): void {
  const post = (message: FromSqliteWorker): void => port.postMessage(message);

  try {
    const engine = openSqliteEngine(data, { ...options, onNote: (text) => post({ type: 'note', text }) });
    const waiting: SqliteRequest[] = [];
    let closing = false;

    const take = (message: ToSqliteWorker): void => {
      if (isList(message)) waiting.push(...message);
      else if (message.type === 'close') closing = true;
    };

    /** What came in during the last commit is the next group: the busier, the larger, the cheaper each. */
    const drain = (): void => {
      while (waiting.length < maxGroup) {
        const next: { message: ToSqliteWorker } | undefined = receiveMessageOnPort(port);
        if (next === undefined) break;
        take(next.message);
      }
      post(engine.runGroup(waiting.splice(0, maxGroup)));
    };

    port.on('message', (message: ToSqliteWorker) => {
      take(message);
      while (waiting.length > 0) drain();
      if (!closing) return;
      engine.close();
      port.close();
    });
    post({ type: 'opened', cursorKey: engine.cursorKey.toString('base64') });
  } catch (error) {
    post({ type: 'refused', fault: faultFrom(error) });
    port.close();
  }
}
