import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Settings } from '../../protocol/index.ts';
import { type DraftRecord, draftIdOf, draftsCollection } from '../drafts/draft-record.ts';
import { type AccountLine, accountLineSchema, accountVersion, type LineOf } from './account-lines.ts';
import type { ImportConversations, Target } from './import-conversations.ts';
import type { ImportFiles } from './import-files.ts';
import type { ImportLibrary } from './import-library.ts';

export interface AccountImportOptions {
  readonly documents: DocumentStore;
  readonly files: ImportFiles;
  readonly conversations: ImportConversations;
  readonly library: Pick<ImportLibrary, 'addFolder' | 'addPrompt'>;
  readonly settings: {
    get(userId: string, conversationId: null): Promise<Settings>;
    update(userId: string, conversationId: null, patch: Settings): Promise<Settings>;
  };
  readonly drafts: { update(userId: string, conversationId: string | null, text: string): Promise<unknown> };
  readonly clock: Clock;
}

/** One line of the body: parsed JSON, and where it stands. */
export interface ImportedLine {
  readonly line: number;
  readonly value: unknown;
}

export interface ImportResult {
  readonly imported: {
    readonly conversations: number;
    readonly messages: number;
    readonly files: number;
    readonly settings: number;
    readonly folders: number;
    readonly prompts: number;
  };
  /** What was here already, or is not taken over. */
  readonly skipped: number;
}

/** Work on one request, in ms; waiting for its body does not count. A platform's router gives an answer up after 30 s. */
const maxWorkMs = 15_000;
/** Messages that are written together. */
const groupSize = 50;

/**
 * Takes lines of an exported account into another one. Each line is checked like a request of that person; ids are derived, so
 * that a piece which is sent again changes nothing.
 */
export class AccountImport {
  readonly #options: AccountImportOptions;

  constructor(options: AccountImportOptions) {
    this.#options = options;
  }

  /**
   * What stands before a line that fails is written, nothing behind it is.
   * @throws AppError with `params.line`; RATE_LIMITED when the time is up: the same piece again goes on where this one ended
   */
  async take(userId: string, lines: AsyncIterable<ImportedLine>, signal: AbortSignal): Promise<ImportResult> {
    const piece = new Piece(this.#options, userId, signal);
    let workedMs = 0;
    let at = 1;
    try {
      for await (const { line, value } of lines) {
        at = line;
        const begunAt = this.#options.clock.now();
        await piece.take(value, line);
        workedMs += this.#options.clock.now() - begunAt;
        if (workedMs > maxWorkMs) throw new AppError('RATE_LIMITED', { message: sendAgain, retryAfter: 1 });
      }
    } catch (error) {
      await piece.end();
      throw atLine(error, at);
    }
    await piece.end();
    return piece.result();
  }
}

const sendAgain = 'This piece takes long. Send it again: it goes on where it stopped.';

function atLine(error: unknown, line: number): AppError {
  const known = AppError.from(error);
  const own = known.params['line'];
  const { message, retryAfter } = known;
  const rest = retryAfter === undefined ? {} : { retryAfter };
  return new AppError(known.code, { message, params: { ...known.params, line: own ?? line }, cause: error, ...rest });
}

/** One request of an import. */
class Piece {
  readonly #options: AccountImportOptions;
  readonly #userId: string;
  readonly #signal: AbortSignal;
  readonly #imported = { conversations: 0, messages: 0, files: 0, settings: 0, folders: 0, prompts: 0 };
  #skipped = 0;
  /** Messages of one conversation that are not written yet. */
  #waiting: { target: Target; lines: LineOf<'message'>[]; first: number } | null = null;
  #target: Target | null = null;
  /** Lines by type, in a piece that begins with the header: with its end it is the whole file. */
  #counts: Record<string, number> | null = null;

  constructor(options: AccountImportOptions, userId: string, signal: AbortSignal) {
    this.#options = options;
    this.#userId = userId;
    this.#signal = signal;
  }

  result(): ImportResult {
    return { imported: { ...this.#imported }, skipped: this.#skipped };
  }

  async take(value: unknown, line: number): Promise<void> {
    this.#signal.throwIfAborted();
    const parsed = accountLineSchema.safeParse(value);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new AppError('BAD_REQUEST', { params: { ...(field === '' ? {} : { field: field.slice(0, 64) }) } });
    }
    this.#count(parsed.data, line);
    if (parsed.data.type === 'message') await this.#message(parsed.data, line);
    else {
      await this.end();
      await this.#other(parsed.data);
    }
  }

  /** Writes what waits. */
  async end(): Promise<void> {
    if (this.#waiting === null) return;
    const { target, lines, first } = this.#waiting;
    this.#waiting = null;
    try {
      const written = await this.#options.conversations.addMessages(this.#userId, target, lines);
      this.#imported.messages += written;
      this.#skipped += lines.length - written;
      // Its head may be another one now.
      this.#target = null;
    } catch (error) {
      throw atLine(error, first);
    }
  }

  #count(line: AccountLine, at: number): void {
    if (at === 1 && line.type === 'jarvis-argus.account') this.#counts = {};
    const counts = this.#counts;
    if (counts === null) return;
    if (line.type !== 'end') counts[line.type] = (counts[line.type] ?? 0) + 1;
    else if (!isDeepStrictEqual(counts, line.counts)) {
      throw new AppError('BAD_REQUEST', {
        message: 'Lines are missing in this file: it is not a whole export.',
        params: { reason: 'counts' },
      });
    }
  }

  async #message(line: LineOf<'message'>, at: number): Promise<void> {
    const open = this.#waiting;
    if (open !== null && (open.target.oldId !== line.conversationId || open.lines.length >= groupSize)) await this.end();
    if (this.#waiting === null) this.#waiting = { target: await this.#conversation(line.conversationId), lines: [], first: at };
    this.#options.conversations.check(line);
    this.#waiting.lines.push(line);
  }

  async #conversation(oldId: string): Promise<Target> {
    if (this.#target?.oldId !== oldId) this.#target = await this.#options.conversations.find(this.#userId, oldId);
    if (this.#target === null) {
      const message = 'A message comes after the line of its conversation: send the export again from there.';
      throw new AppError('BAD_REQUEST', { message, params: { reason: 'order' } });
    }
    return this.#target;
  }

  async #other(line: Exclude<AccountLine, { type: 'message' }>): Promise<void> {
    const { files, conversations, library } = this.#options;
    switch (line.type) {
      case 'jarvis-argus.account':
        return assertKnownVersion(line.version);
      case 'settings':
        return this.#settings(line.settings);
      case 'file':
        if (!(await files.begin(this.#userId, line))) this.#skipped += 1;
        return;
      case 'file.data':
        if (await files.add(this.#userId, line, this.#signal)) this.#imported.files += 1;
        return;
      case 'conversation':
        this.#target = null;
        return this.#tally('conversations', await conversations.add(this.#userId, line));
      case 'folder':
        return this.#tally('folders', await library.addFolder(this.#userId, line));
      case 'prompt':
        return this.#tally('prompts', await library.addPrompt(this.#userId, line));
      case 'draft':
        return this.#draft(line);
      case 'end':
        return;
    }
  }

  #tally(what: keyof ImportResult['imported'], added: boolean): void {
    if (added) this.#imported[what] += 1;
    else this.#skipped += 1;
  }

  /** What is set here stays. */
  async #settings(wanted: Settings): Promise<void> {
    const { settings } = this.#options;
    const own = await settings.get(this.#userId, null);
    const taken = new Set(Object.keys(own));
    const patch: Settings = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== null && !taken.has(name)));
    if (Object.keys(patch).length === 0) this.#skipped += 1;
    else {
      await settings.update(this.#userId, null, patch);
      this.#imported.settings += 1;
    }
  }

  /** A text that is being typed here stays. */
  async #draft({ conversationId, text }: LineOf<'draft'>): Promise<void> {
    const { documents, conversations, drafts } = this.#options;
    const target = conversationId === null ? null : await conversations.find(this.#userId, conversationId);
    const place = target?.record.id ?? null;
    const lost = conversationId !== null && target === null;
    const taken = lost || (await documents.get<DraftRecord>(draftsCollection.name, draftIdOf(this.#userId, place))) !== null;
    if (taken || text === '') this.#skipped += 1;
    else await drafts.update(this.#userId, place, text);
  }
}

function assertKnownVersion(version: number): void {
  if (version >= 1 && version <= accountVersion) return;
  const message = 'This export was made by a newer version of the program. Bring this server up to date first.';
  throw new AppError('BAD_REQUEST', { message, params: { version } });
}
