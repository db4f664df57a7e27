import type { Clock } from '../../lib/clock.ts';
import type { Document, DocumentStore } from '../../lib/document-store.ts';
import { conversationsCollection } from '../conversations/conversation-record.ts';
import { favouritesCollection } from '../library/favourite-record.ts';
import { type FolderRecord, foldersCollection } from '../library/folder-record.ts';
import { type PromptRecord, promptsCollection } from '../library/prompt-record.ts';
import type { LineOf } from './account-lines.ts';
import { derivedId } from './derived-id.ts';

/** As many as a person may have (`services/library`, `conversations`): an import adds none beyond. */
const most = { folders: 200, prompts: 500, favourites: 500, pins: 100 };

/** Folders and prompts of an import, and what there may be no more of. Whatever is here already stays as it is. */
export class ImportLibrary {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;

  constructor(documents: DocumentStore, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** @returns whether it was not here, and there was room for it */
  addFolder(userId: string, { id, name, position, createdAt }: LineOf<'folder'>): Promise<boolean> {
    const record = { ownerId: userId, name, position, createdAt: this.#past(createdAt) };
    return this.#add<FolderRecord>(foldersCollection.name, id, record, most.folders);
  }

  /** @returns whether it was not here, and there was room for it */
  addPrompt(userId: string, { id, title, text, createdAt, updatedAt }: LineOf<'prompt'>): Promise<boolean> {
    const record = { ownerId: userId, title, text, createdAt: this.#past(createdAt), updatedAt: this.#past(updatedAt) };
    return this.#add<PromptRecord>(promptsCollection.name, id, record, most.prompts);
  }

  /** The folder that a file's id stands for here. */
  async folderOf(userId: string, oldId: string | undefined): Promise<string | undefined> {
    return oldId === undefined ? undefined : (await this.#find<FolderRecord>(foldersCollection.name, userId, oldId))?.id;
  }

  async hasRoomForPin(ownerId: string): Promise<boolean> {
    const query = { index: 'byPin', where: { ownerId, pinned: true, state: 'live' }, limit: most.pins };
    return (await this.#documents.count(conversationsCollection.name, query)) < most.pins;
  }

  /** @returns how many more there may be */
  async roomForFavourites(ownerId: string): Promise<number> {
    const query = { index: 'byOwner', where: { ownerId }, limit: most.favourites };
    return most.favourites - (await this.#documents.count(favouritesCollection.name, query));
  }

  /** What is dated later than now would stand before everything that is changed from now on. */
  #past(time: string): number {
    return Math.min(Date.parse(time), this.#clock.now());
  }

  async #add<T extends Document & { readonly ownerId: string }>(
    collection: string,
    oldId: string,
    fields: Omit<T, 'id'> & { readonly ownerId: string },
    limit: number,
  ): Promise<boolean> {
    const { ownerId } = fields;
    if ((await this.#find(collection, ownerId, oldId)) !== null) return false;
    if ((await this.#documents.count(collection, { index: 'byOwner', where: { ownerId }, limit })) >= limit) return false;
    const document = { id: derivedId(ownerId, oldId), ...fields };
    await this.#documents.batch([{ type: 'insertIfAbsent', collection, document }]);
    return true;
  }

  /** What was imported before, or the person's own. */
  async #find<T extends Document & { readonly ownerId: string }>(collection: string, userId: string, oldId: string): Promise<T | null> {
    const found = await this.#documents.getMany<T>(collection, [derivedId(userId, oldId), oldId]);
    return found.find(({ ownerId }) => ownerId === userId) ?? null;
  }
}
