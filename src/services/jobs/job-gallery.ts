import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { GalleryItem, Page } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpen } from '../conversations/conversation-record.ts';
import type { JobUploads } from './job-ports.ts';
import { type GalleryRecord, galleryCollection, galleryReferrer } from './job-record.ts';
import { toGalleryItems } from './job-view.ts';

export interface JobGalleryOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<JobUploads, 'find' | 'release'>;
}

const DEFAULT_PAGE = 30;

/** The pictures that a person's jobs made, with where they come from; kept until the person removes them. */
export class JobGallery {
  readonly #options: JobGalleryOptions;

  constructor(options: JobGalleryOptions) {
    this.#options = options;
  }

  /** Newest first. A job with several pictures gives several items, so a page may hold more than `limit`. */
  async list(
    userId: string,
    query: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<GalleryItem>> {
    const { documents, uploads } = this.#options;
    const page = await documents.find<GalleryRecord>(galleryCollection.name, {
      index: 'byOwner',
      where: { ownerId: userId },
      order: 'desc',
      limit: query.limit ?? DEFAULT_PAGE,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    const fileIds = new Set(page.items.flatMap(({ files, sources }) => [...files, ...sources]));
    const [known, places] = await Promise.all([uploads.find(userId, [...fileIds]), this.#liveConversations(page.items)]);
    const items = page.items.flatMap((record) => toGalleryItems(record, known, places.has(record.conversationId ?? '')));
    return { items, nextCursor: page.nextCursor };
  }

  async remove(userId: string, jobId: string): Promise<void> {
    const { documents, uploads } = this.#options;
    if (!(await documents.delete(galleryCollection.name, jobId, { ownerId: userId }))) throw new AppError('NOT_FOUND');
    await uploads.release(userId, galleryReferrer(jobId));
  }

  async removeAll(userId: string): Promise<void> {
    for (;;) {
      const query = { index: 'byOwner', where: { ownerId: userId }, limit: 200 };
      const { items } = await this.#options.documents.find<GalleryRecord>(galleryCollection.name, query);
      if (items.length === 0) return;
      for (const { id } of items) await this.remove(userId, id);
    }
  }

  /** Where a picture can be jumped to. */
  async #liveConversations(records: readonly GalleryRecord[]): Promise<ReadonlySet<string>> {
    const ids = [...new Set(records.flatMap(({ conversationId }) => conversationId ?? []))];
    if (ids.length === 0) return new Set();
    const found = await this.#options.documents.getMany<ConversationRecord>(conversationsCollection.name, ids);
    return new Set(found.filter(isOpen).map(({ id }) => id));
  }
}
