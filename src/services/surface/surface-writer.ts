import type { SurfaceEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { foldPart, type Message, type Part, partKey, type ServerFrameOf } from '../../protocol/index.ts';
import type { ConversationTail } from './conversation-tail.ts';
import type { MessageParts } from './message-parts.ts';
import { SurfaceParts } from './surface-parts.ts';
import { isPartEvent, type PartEvent, type PartPlace } from './surface-ports.ts';

/** How long what is shown already may be behind what the plugin said. */
const FLUSH_MS = 300;
/** Of one call of a plugin. */
const MAX_MESSAGES = 20;
const MAX_TOASTS = 5;
/** Of one message; the store takes more, a page does not like to. */
const MAX_PARTS = 200;
const MAX_CHARACTERS = 1024 * 1024;

export interface SurfaceWriterOptions {
  readonly parts: SurfaceParts;
  readonly messages: MessageParts;
  readonly tail: ConversationTail;
  readonly toast: (ownerId: string, frame: ServerFrameOf<'toast'>) => void;
  /** Told of a question once it stands in a message. */
  readonly announce: (place: PartPlace, part: Extract<Part, { type: 'ask' }>) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where a call of a plugin writes. */
export interface WriterPlace extends Omit<PartPlace, 'messageId'> {
  /** The message out of which it was called. */
  readonly originId: string | null;
  /** The id of the n-th message; a repeated call gives the same ones again. */
  readonly messageId: (index: number) => Promise<string>;
}

interface OpenMessage {
  readonly id: string;
  readonly author: Message['author'];
  readonly parts: Part[];
  characters: number;
}

/**
 * Writes what one call of a plugin shows: complete messages at the end of the conversation, stored whenever they are shown, and
 * changes of the message out of which it was called. One event after the other.
 */
export class SurfaceWriter {
  readonly #options: SurfaceWriterOptions;
  readonly #place: WriterPlace;
  #open: OpenMessage | null = null;
  #messages = 0;
  #toasts = 0;
  #dirty = false;
  #announced: { part: Extract<Part, { type: 'ask' }>; place: PartPlace }[] = [];
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  #failure: AppError | null = null;

  constructor(options: SurfaceWriterOptions, place: WriterPlace) {
    this.#options = options;
    this.#place = place;
  }

  /** Whether anything was shown in the conversation. */
  get wrote(): boolean {
    return this.#messages > 0;
  }

  /** @throws AppError PLUGIN_FAILED for what is too much or cannot be shown, NOT_FOUND when the conversation is gone */
  async take(event: SurfaceEvent): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (isPartEvent(event)) return this.#takePart(event);
    if (event.type === 'message') return this.#begin(event.author);
    if (event.type === 'toast') return this.#toast(event);
    if (event.type === 'text' && event.text !== '') this.#add((await this.#message()).parts, { type: 'text', text: event.text });
  }

  /** Stores what is not stored yet; steps that still run of a plugin that failed are marked so. @throws as `take` */
  async end(failed = false): Promise<void> {
    if (failed && this.#open !== null) this.#endSteps(this.#open);
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#flush();
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Until the plugin begins a message, what it shows belongs to the one out of which it was called. */
  async #takePart(event: PartEvent): Promise<void> {
    const { originId, messageId: _ids, ...rest } = this.#place;
    const key = SurfaceParts.keyOf(rest.plugin, event);
    const isOpen = (part: Part) => key !== null && partKey(part) === key;
    const elsewhere = event.type === 'remove' && this.#open?.parts.some(isOpen) !== true;
    if (originId !== null && (this.#open === null || elsewhere)) return this.#changeOrigin(event, { ...rest, messageId: originId });
    if (elsewhere) return;
    const open = await this.#message();
    const place: PartPlace = { ...rest, messageId: open.id };
    const part = await this.#options.parts.partOf(event, place, open.parts);
    if (part.type === 'ask') this.#announced.push({ part, place });
    this.#add(open.parts, part);
  }

  async #changeOrigin(event: PartEvent, place: PartPlace): Promise<void> {
    const { parts, messages, announce } = this.#options;
    const shown = await messages.shown(place);
    if (shown.length >= MAX_PARTS) throw this.#tooMuch();
    const part = await parts.partOf(event, place, shown);
    await messages.apply(place, [part]);
    if (part.type === 'ask') announce(place, part);
  }

  async #begin(author: Message['author']): Promise<void> {
    if (this.#open !== null) await this.end();
    this.#open = null;
    if (this.#messages >= MAX_MESSAGES) throw this.#tooMuch();
    const id = await this.#place.messageId(this.#messages);
    this.#messages += 1;
    this.#open = { id, author: authorOf(author), parts: [], characters: 0 };
  }

  async #message(): Promise<OpenMessage> {
    if (this.#open === null) await this.#begin(undefined);
    if (this.#open === null) throw new AppError('INTERNAL');
    return this.#open;
  }

  #add(parts: Part[], part: Part): void {
    const open = this.#open;
    if (open === null) return;
    open.characters += JSON.stringify(part).length;
    foldPart(parts, part);
    if (parts.length > MAX_PARTS || open.characters > MAX_CHARACTERS) throw this.#tooMuch();
    this.#dirty = true;
    this.#cancelTimer ??= this.#options.clock.after(open.parts.length === 1 ? 0 : FLUSH_MS, () => {
      this.#cancelTimer = null;
      this.#flush();
    });
  }

  #endSteps(open: OpenMessage): void {
    for (const [index, part] of open.parts.entries()) {
      if (part.type !== 'step' || part.status !== 'running') continue;
      open.parts[index] = { ...part, status: 'failed' };
      this.#dirty = true;
    }
  }

  /** One write after the other; what goes wrong is thrown at the next event. */
  #flush(): void {
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#failure ??= AppError.from(error);
      });
  }

  async #write(): Promise<void> {
    const open = this.#open;
    if (open === null || !this.#dirty || open.parts.length === 0) return;
    this.#dirty = false;
    const { ownerId, conversationId } = this.#place;
    const { id, author } = open;
    await this.#options.tail.write({ id, ownerId, conversationId, parts: [...open.parts], author });
    for (const { part, place } of this.#announced.splice(0)) this.#options.announce(place, part);
  }

  #toast({ level, text }: Extract<SurfaceEvent, { type: 'toast' }>): void {
    this.#toasts += 1;
    if (this.#toasts > MAX_TOASTS) return;
    this.#options.toast(this.#place.ownerId, { type: 'toast', level, text: text.slice(0, 500) });
  }

  #tooMuch(): AppError {
    return new AppError('PLUGIN_FAILED', { params: { plugin: this.#place.plugin } });
  }
}

/** A name of a person's making is short, and a picture is one of the site folder. */
function authorOf(author: Message['author']): Message['author'] {
  const name = author?.name.trim().slice(0, 80) ?? '';
  if (author === undefined || name === '') return undefined;
  const { avatar } = author;
  return avatar !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(avatar) ? { name, avatar } : { name };
}
