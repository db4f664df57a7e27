import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Logger } from '../../lib/logger.ts';
import { newId } from '../../lib/new-id.ts';
import type { Folder, Page } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection } from '../conversations/conversation-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type FolderRecord, foldersCollection, toFolder } from './folder-record.ts';
import { tooMany } from './library-limits.ts';

export interface FoldersOptions {
  readonly documents: DocumentStore;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MOST = 200;
const BATCH = 100;

/** A person's folders, in the order that the person gave them. */
export class Folders {
  readonly #options: FoldersOptions;
  /** A change reads the whole order before it writes. */
  readonly #changes = new KeyedQueue();

  constructor(options: FoldersOptions) {
    this.#options = options;
  }

  /** All of them: they are few. */
  async list(userId: string): Promise<Page<Folder>> {
    return { items: (await this.#all(userId)).map(toFolder), nextCursor: null };
  }

  /** At the end. @throws AppError BAD_REQUEST when there are too many */
  create(userId: string, name: string): Promise<Folder> {
    return this.#changes.run(userId, async () => {
      const all = await this.#all(userId);
      if (all.length >= MOST) throw tooMany(MOST);
      const position = (all.at(-1)?.position ?? -1) + 1;
      const record: FolderRecord = { id: newId(), ownerId: userId, name, position, createdAt: this.#options.clock.now() };
      await this.#options.documents.insert(foldersCollection.name, record);
      this.#tell(userId);
      return toFolder(record);
    });
  }

  /** @param patch `position` is its new place, counted from 0; beyond the last one it is the last. @throws AppError NOT_FOUND */
  patch(
    userId: string,
    id: string,
    patch: { readonly name?: string | undefined; readonly position?: number | undefined },
  ): Promise<Folder> {
    return this.#changes.run(userId, async () => {
      const all = await this.#all(userId);
      const found = all.find((folder) => folder.id === id);
      if (found === undefined) throw new AppError('NOT_FOUND');
      const named = { ...found, name: patch.name ?? found.name };
      const others = all.filter((folder) => folder.id !== id);
      const order = patch.position === undefined ? all.map((each) => (each.id === id ? named : each)) : others;
      if (patch.position !== undefined) order.splice(patch.position, 0, named);
      const position = patch.position === undefined ? found.position : order.indexOf(named);
      await this.#write(all, patch.position === undefined ? order : order.map((each, at) => ({ ...each, position: at })));
      this.#tell(userId);
      return toFolder({ ...named, position });
    });
  }

  /** Its conversations stay, without a folder; in a large one that goes on behind the answer. @throws AppError NOT_FOUND */
  async remove(userId: string, id: string): Promise<void> {
    if (!(await this.#options.documents.delete(foldersCollection.name, id, { ownerId: userId }))) throw new AppError('NOT_FOUND');
    const more = await this.#takeOut(userId, id);
    this.#tell(userId);
    if (more) this.#inBackground(userId, id);
  }

  async #all(ownerId: string): Promise<FolderRecord[]> {
    const query = { index: 'byOwner', where: { ownerId }, limit: MOST };
    return (await this.#options.documents.find<FolderRecord>(foldersCollection.name, query)).items;
  }

  async #write(before: readonly FolderRecord[], after: readonly FolderRecord[]): Promise<void> {
    const known = new Map(before.map((record) => [record.id, record]));
    const changed = after.filter((record) => {
      const old = known.get(record.id);
      return old?.name !== record.name || old.position !== record.position;
    });
    const operations = changed.map(
      ({ id, ownerId, name, position }): BatchOperation => ({
        ...{ type: 'update', collection: foldersCollection.name, id },
        change: { expect: { ownerId }, set: { name, position } },
      }),
    );
    if (operations.length > 0) await this.#options.documents.batch(operations);
  }

  /** One batch of its conversations. @returns whether there may be more */
  async #takeOut(ownerId: string, folderId: string): Promise<boolean> {
    const { documents } = this.#options;
    const query = { index: 'byFolder', where: { ownerId, folderId }, limit: BATCH };
    const { items } = await documents.find<ConversationRecord>(conversationsCollection.name, query);
    const change = { expect: { folderId }, unset: ['folderId'] };
    await Promise.all(items.map(({ id }) => documents.update(conversationsCollection.name, id, change)));
    return items.length === BATCH;
  }

  /** What a restart cuts off keeps the name of a folder that is gone, which readers take for none. */
  #inBackground(ownerId: string, folderId: string): void {
    const work = async () => {
      while (await this.#takeOut(ownerId, folderId));
    };
    work().catch((error: unknown) => this.#options.logger.warn({ error }, 'the conversations of a removed folder still name it'));
  }

  #tell(userId: string): void {
    this.#options.messaging.publishEvent({ to: { user: userId }, frame: { type: 'library.updated', what: 'folders' } });
  }
}
