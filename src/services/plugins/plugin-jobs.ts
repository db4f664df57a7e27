import { type ProcessorDeclaration, valueFromWord, type Words } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { LruMap } from '../../lib/lru-map.ts';
import type { Conversation, Job, JobCreateBody, Level, StoredFile, User } from '../../protocol/index.ts';
import { branchPictures } from './branch-pictures.ts';
import type { PluginRegistry } from './plugin-registry.ts';

export interface JobsPort {
  /** The same `clientJobId` again is the same job. @throws AppError */
  submit(user: User, body: JobCreateBody & { readonly parentId?: string }): Promise<Job>;
}

export interface PluginJobsOptions {
  readonly registry: PluginRegistry;
  readonly documents: DocumentStore;
  readonly jobs: JobsPort;
  /** @throws AppError NOT_FOUND for an unknown file and for somebody else's */
  readonly fileOf: (ownerId: string, fileId: string) => Promise<Pick<StoredFile, 'width' | 'height'>>;
  readonly conversations: {
    create(userId: string, body: { readonly title?: string }): Promise<Conversation>;
    remove(userId: string, id: string): Promise<void>;
  };
}

export interface CommandJob {
  readonly kind: string;
  readonly attachments: readonly string[];
  /** As typed, by name of the parameter. */
  readonly params: ReadonlyMap<string, string>;
  readonly level: Level;
  readonly conversationId: string | null;
  readonly parentId: string | undefined;
  readonly clientJobId: string;
  readonly locale: string;
}

/** Conversations made for a command are remembered for a repetition of it. */
const REMEMBERED = 1000;

/** Jobs that people start with a command of a plugin. */
export class PluginJobs {
  readonly #options: PluginJobsOptions;
  readonly #made = new LruMap<string, Promise<string>>(REMEMBERED);

  constructor(options: PluginJobsOptions) {
    this.#options = options;
  }

  paramNames(kind: string): readonly string[] {
    return Object.keys(this.#options.registry.declaration(kind)?.params.shape ?? {});
  }

  /** @throws AppError PLUGIN_DISABLED, PLUGIN_FAILED, BAD_REQUEST without a picture where one is needed, and what the jobs throw */
  async start(user: User, plugin: string, request: CommandJob): Promise<Job> {
    const { registry, jobs } = this.#options;
    const { definition } = registry.ready(plugin);
    const declaration = definition.processors?.[request.kind];
    if (declaration === undefined) throw new AppError('NOT_FOUND');
    const { kind, level, parentId, clientJobId } = request;
    const params = Object.fromEntries([...request.params].map(([name, word]) => [name, valueFromWord(declaration.params, name, word)]));
    const input = await this.#input(user, declaration, request);
    const below = parentId === undefined ? {} : { parentId };
    const body = { clientJobId, kind, input, params, level };
    const { conversationId } = request;
    if (conversationId !== null) return jobs.submit(user, { ...body, conversationId, ...below });
    await this.#check(user, body);
    return this.#startInNew(user, titleIn(declaration.title, request.locale), body);
  }

  /** What will be refused anyway is refused before a conversation is made for it. */
  async #check(user: User, { kind: name, params, level, input }: JobCreateBody): Promise<void> {
    const kind = this.#options.registry.find(name);
    if (kind === null) return;
    const files = await Promise.all(input.map((id) => this.#options.fileOf(user.id, id)));
    const given = { params: kind.parseParams(params), pictures: files.map(({ width = 1, height = 1 }) => ({ width, height })) };
    kind.assertReady({ ...given, level: kind.levelFor(level, given) });
  }

  /** The same request again goes to the conversation that the first one made. */
  async #startInNew(user: User, title: string, body: JobCreateBody): Promise<Job> {
    const { jobs, conversations } = this.#options;
    const key = `${user.id}:${body.clientJobId}`;
    const known = this.#made.get(key);
    if (known !== undefined) return jobs.submit(user, { ...body, conversationId: await known });
    const making = conversations.create(user.id, { title }).then(({ id }) => id);
    this.#made.set(key, making);
    try {
      return await jobs.submit(user, { ...body, conversationId: await making });
    } catch (error) {
      this.#made.delete(key);
      // Nothing came of it: an empty conversation would be left.
      await making.then(
        (id) => conversations.remove(user.id, id),
        () => {},
      );
      throw error;
    }
  }

  async #input(user: User, { input }: ProcessorDeclaration, request: CommandJob): Promise<string[]> {
    const { attachments, conversationId, parentId } = request;
    if (attachments.length > 0 || input.minPictures === 0) return [...attachments];
    const place = { ownerId: user.id, conversationId: conversationId ?? '', fromId: parentId };
    const found = conversationId === null ? [] : await branchPictures(this.#options.documents, place, input.minPictures);
    if (found.length >= input.minPictures) return found;
    const wanted = input.minPictures === 1 ? 'a picture' : `${input.minPictures} pictures`;
    throw new AppError('BAD_REQUEST', {
      message: `Attach ${wanted} and run the command again: this conversation has none to work on.`,
      params: { field: 'attachments', min: input.minPictures, reason: 'picture' },
    });
  }
}

function titleIn(words: Words, locale: string): string {
  return (locale === 'fa' || locale === 'ar' ? words[locale] : undefined) ?? words.en;
}
