import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { newId } from '../../lib/new-id.ts';
import type { Page, Prompt } from '../../protocol/index.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { tooMany } from './library-limits.ts';
import { type PromptRecord, promptsCollection, toPrompt } from './prompt-record.ts';

export interface PromptsOptions {
  readonly documents: DocumentStore;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
}

const MOST = 500;
const DEFAULT_PAGE = 50;

/** Texts that a person keeps to use again. */
export class Prompts {
  readonly #options: PromptsOptions;
  /** They are counted before one more is written. */
  readonly #changes = new KeyedQueue();

  constructor(options: PromptsOptions) {
    this.#options = options;
  }

  /** Last changed first. */
  async list(userId: string, query: { readonly cursor?: string | undefined; readonly limit?: number | undefined }): Promise<Page<Prompt>> {
    const page = await this.#options.documents.find<PromptRecord>(promptsCollection.name, {
      index: 'byOwner',
      where: { ownerId: userId },
      order: 'desc',
      limit: query.limit ?? DEFAULT_PAGE,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    return { items: page.items.map(toPrompt), nextCursor: page.nextCursor };
  }

  /** @throws AppError BAD_REQUEST when there are too many */
  create(userId: string, words: { readonly title: string; readonly text: string }): Promise<Prompt> {
    return this.#changes.run(userId, async () => {
      const { documents, clock } = this.#options;
      const count = await documents.count(promptsCollection.name, { index: 'byOwner', where: { ownerId: userId }, limit: MOST });
      if (count >= MOST) throw tooMany(MOST);
      const now = clock.now();
      const { title, text } = words;
      const record: PromptRecord = { id: newId(), ownerId: userId, title, text, createdAt: now, updatedAt: now };
      await documents.insert(promptsCollection.name, record);
      this.#tell(userId);
      return toPrompt(record);
    });
  }

  /** @throws AppError NOT_FOUND */
  async patch(
    userId: string,
    id: string,
    { title, text }: { readonly title?: string | undefined; readonly text?: string | undefined },
  ): Promise<Prompt> {
    const { documents, clock } = this.#options;
    const set = { ...(title === undefined ? {} : { title }), ...(text === undefined ? {} : { text }), updatedAt: clock.now() };
    const changed = await documents.update<PromptRecord>(promptsCollection.name, id, { expect: { ownerId: userId }, set });
    if (changed === null) throw new AppError('NOT_FOUND');
    this.#tell(userId);
    return toPrompt(changed);
  }

  /** @throws AppError NOT_FOUND */
  async remove(userId: string, id: string): Promise<void> {
    if (!(await this.#options.documents.delete(promptsCollection.name, id, { ownerId: userId }))) throw new AppError('NOT_FOUND');
    this.#tell(userId);
  }

  #tell(userId: string): void {
    this.#options.messaging.publishEvent({ to: { user: userId }, frame: { type: 'library.updated', what: 'prompts' } });
  }
}
