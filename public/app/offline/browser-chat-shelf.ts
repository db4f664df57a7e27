import type { ChatShelf } from './chat-shelf.ts';
import type { KeptChat } from './kept-chat.ts';

const name = 'jarvis-offline';

/** IndexedDB. @throws where the browser refuses it (private windows of some) */
export function createBrowserChatShelf(factory: IDBFactory): ChatShelf {
  async function open(): Promise<IDBDatabase> {
    const request = factory.open(name, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('chats', { keyPath: 'id' });
      request.result.createObjectStore('owner');
    });
    const database = await done(request);
    // Another tab removes it all: this one must not hold it.
    database.addEventListener('versionchange', () => database.close());
    return database;
  }

  async function within<T>(mode: IDBTransactionMode, run: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    const database = await open();
    try {
      return await run(database.transaction(['chats', 'owner'], mode));
    } finally {
      database.close();
    }
  }

  return {
    owner: () =>
      within('readonly', async (transaction) => {
        const value: unknown = await done(transaction.objectStore('owner').get('id'));
        return typeof value === 'string' ? value : null;
      }),
    all: () =>
      within('readonly', async (transaction) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `replace` below writes here
        const chats = (await done(transaction.objectStore('chats').getAll())) as KeptChat[];
        return chats.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
      }),
    replace: (owner, chats) =>
      within('readwrite', async (transaction) => {
        const store = transaction.objectStore('chats');
        store.clear();
        for (const chat of chats) store.put(chat);
        transaction.objectStore('owner').put(owner, 'id');
        await new Promise<void>((resolve, reject) => {
          transaction.addEventListener('complete', () => resolve());
          transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('aborted')));
        });
      }),
    clear: async () => {
      await done(factory.deleteDatabase(name));
    },
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
  });
}
