import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import { draftLimits } from '../../../src/protocol/draft-limits.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Draft } from '../../../src/protocol/shapes.ts';
import { isCommandText } from './command-line.ts';
import { DraftShelf, type StoredDraft } from './draft-shelf.ts';
import type { Clock, KeyValueStore } from './ports.ts';
import { toRequestError } from './request-error.ts';

type Place = string | null;

export interface Drafts {
  /** From now on what this user types goes to their other devices, too. */
  load(userId: string): void;
  /** Tells nobody more; what was typed stays in the storage of its owner. */
  unload(): void;
  /** Removes from this browser what the server has: the person signs out here. What never got there stays, as after `unload`. */
  forget(): void;
  read(userId: string, place: Place): string;
  /** What stands in the field now. Texts that are commands are never kept. */
  write(userId: string, place: Place, text: string): void;
  /** Sends what waits for a pause in the typing: the field or the page was left. */
  flush(): void;
  /** The drafts that the server has; what was typed here and not sent there follows. */
  welcome(drafts: readonly Draft[]): void;
  receive(frame: ServerFrame): void;
  /** Another tab of this browser wrote to the storage. */
  stored(key: string): void;
  /** Called with a text that was typed elsewhere, while nobody types here. @returns how to stop */
  follow(place: Place, show: (text: string) => void): () => void;
}

export interface DraftsDeps {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  /** @throws RequestError */
  readonly request: (frame: ClientFrame) => Promise<ServerFrame>;
  /** Bytes of one frame that the server takes; 0: no limit. */
  readonly frameBytes: () => number;
}

/** A pause in the typing; who types on and on is sent as often as `mostWaitMs`. */
const pauseMs = 1000;
const mostWaitMs = 5000;
/** Whoever pressed a key so short a time ago is typing: nothing changes under their hands. */
const typingMs = 4000;
const retryMs = 15_000;

/** What this tab knows of one place besides the storage. */
interface Local {
  /** The text in the field, also where it is not kept. */
  shown: string;
  typedAt: number;
  /** When the first key was pressed that was not sent. */
  waitingSince: number | null;
  sending: boolean;
  cancel: () => void;
  /** Cancels what is to be shown once nobody types any more. */
  cancelLater: () => void;
}

/** What was typed and not sent, for each conversation: in the storage with the key, on the server a second later. */
export function createDrafts(deps: DraftsDeps): Drafts {
  return new DraftStore(deps);
}

class DraftStore implements Drafts {
  readonly #deps: DraftsDeps;
  readonly #shelf: DraftShelf;
  readonly #locals = new Map<Place, Local>();
  readonly #followers = new Map<Place, (text: string) => void>();
  #userId: string | null = null;

  constructor(deps: DraftsDeps) {
    this.#deps = deps;
    this.#shelf = new DraftShelf(deps.store);
  }

  load(userId: string): void {
    this.unload();
    this.#userId = userId;
  }

  unload(): void {
    for (const local of this.#locals.values()) {
      local.cancel();
      local.cancelLater();
    }
    this.#locals.clear();
    this.#userId = null;
  }

  forget(): void {
    const userId = this.#userId;
    this.unload();
    if (userId === null) return;
    for (const [place, held] of this.#shelf.all(userId)) if (!held.unsent) this.#shelf.put(userId, place, { ...held, text: '' });
  }

  read(userId: string, place: Place): string {
    const { text } = this.#shelf.get(userId, place);
    if (userId === this.#userId) this.#local(place).shown = text;
    return text;
  }

  write(userId: string, place: Place, text: string): void {
    const local = userId === this.#userId ? this.#local(place) : null;
    if (local?.shown === text) return;
    const now = this.#deps.clock.now();
    if (local !== null) {
      Object.assign(local, { shown: text, typedAt: now });
      local.cancelLater();
    }
    const kept = isCommandText(text) ? '' : text;
    const held = this.#shelf.get(userId, place);
    if (held.text === kept) return;
    this.#shelf.put(userId, place, { ...held, text: kept, at: now, unsent: true });
    // A text that is gone was sent, mostly: nobody shall send it a second time from elsewhere.
    if (local !== null) this.#schedule(place, kept === '' ? 0 : pauseMs);
  }

  flush(): void {
    for (const [place, local] of this.#locals) if (local.waitingSince !== null) void this.#push(place);
  }

  welcome(drafts: readonly Draft[]): void {
    const userId = this.#userId;
    if (userId === null) return;
    const listed = new Map(drafts.map((draft) => [draft.conversationId, draft]));
    for (const draft of drafts) this.#merge(userId, draft);
    const whole = holdsAll(drafts);
    for (const [place, held] of this.#shelf.all(userId)) {
      if (listed.has(place)) continue;
      if (held.unsent) void this.#push(place);
      else if (whole) this.#adopt(userId, { conversationId: place, text: '', updatedAt: '' });
    }
  }

  receive(frame: ServerFrame): void {
    // What answers this page is read where it was asked.
    if (frame.type !== 'draft.updated' || frame.replyTo !== undefined || this.#userId === null) return;
    if (this.#shelf.get(this.#userId, frame.draft.conversationId).unsent) return;
    this.#adopt(this.#userId, frame.draft);
  }

  stored(key: string): void {
    const userId = this.#userId;
    if (userId === null) return;
    const place = this.#shelf.placeOf(userId, key);
    if (place !== undefined) this.#show(place, this.#shelf.get(userId, place).text);
  }

  follow(place: Place, show: (text: string) => void): () => void {
    this.#followers.set(place, show);
    return () => {
      if (this.#followers.get(place) === show) this.#followers.delete(place);
    };
  }

  #merge(userId: string, draft: Draft): void {
    const held = this.#shelf.get(userId, draft.conversationId);
    if (!held.unsent) return this.#adopt(userId, draft);
    // Typed here after the server's text, or later than somebody elsewhere typed: this one goes there.
    if (held.base === draft.updatedAt || (held.text !== '' && held.at > Date.parse(draft.updatedAt))) void this.#push(draft.conversationId);
    // Both were changed: a text that stands here is kept until it is typed on, an empty field takes the other.
    else if (held.text === '') this.#adopt(userId, draft);
  }

  #adopt(userId: string, draft: Draft): void {
    const { conversationId, text, updatedAt } = draft;
    if (this.#isTyping(conversationId)) return this.#adoptLater(userId, draft);
    // A command can only come from a server that is not ours: it is not kept all the same.
    const kept = isCommandText(text) ? '' : text;
    this.#shelf.put(userId, conversationId, { text: kept, at: 0, base: updatedAt === '' ? null : updatedAt, unsent: false });
    this.#show(conversationId, kept);
  }

  /** Whoever types on has the last word; whoever has stopped sees what came meanwhile. */
  #adoptLater(userId: string, draft: Draft): void {
    const local = this.#local(draft.conversationId);
    local.cancelLater();
    local.cancelLater = this.#deps.clock.after(typingMs, () => {
      const stays = isCommandText(local.shown) || this.#shelf.get(userId, draft.conversationId).unsent;
      if (this.#userId === userId && !stays) this.#adopt(userId, draft);
    });
  }

  #show(place: Place, text: string): void {
    if (this.#isTyping(place)) return;
    const local = this.#local(place);
    if (local.shown === text) return;
    local.shown = text;
    this.#followers.get(place)?.(text);
  }

  #isTyping(place: Place): boolean {
    const local = this.#locals.get(place);
    if (local === undefined) return false;
    // A command stands nowhere else: it would be gone.
    if (isCommandText(local.shown)) return true;
    return local.waitingSince !== null || local.sending || this.#deps.clock.now() - local.typedAt < typingMs;
  }

  #local(place: Place): Local {
    const known = this.#locals.get(place);
    if (known !== undefined) return known;
    const local: Local = {
      shown: '',
      typedAt: Number.NEGATIVE_INFINITY,
      waitingSince: null,
      sending: false,
      cancel: () => {},
      cancelLater: () => {},
    };
    this.#locals.set(place, local);
    return local;
  }

  #schedule(place: Place, ms: number): void {
    const local = this.#local(place);
    const now = this.#deps.clock.now();
    local.waitingSince ??= now;
    local.cancel();
    const wait = Math.min(ms, Math.max(0, local.waitingSince + mostWaitMs - now));
    if (wait === 0) void this.#push(place);
    else local.cancel = this.#deps.clock.after(wait, () => void this.#push(place));
  }

  /** Sends one draft; never rejects. What does not arrive is sent after the next `welcome`. */
  async #push(place: Place): Promise<void> {
    const userId = this.#userId;
    const local = this.#local(place);
    if (userId === null || local.sending) return;
    local.cancel();
    local.waitingSince = null;
    const { text, unsent } = this.#shelf.get(userId, place);
    const frame: ClientFrame = { type: 'draft.update', conversationId: place, text };
    if (!unsent || this.#isTooLong(frame)) return;
    local.sending = true;
    const again = await this.#send(userId, place, frame).finally(() => {
      local.sending = false;
    });
    if (again !== null && this.#userId === userId) this.#schedule(place, again);
  }

  /** @returns after how many ms to try again, null for not */
  async #send(userId: string, place: Place, frame: ClientFrame & { type: 'draft.update' }): Promise<number | null> {
    try {
      const answer = await this.#deps.request(frame);
      if (answer.type !== 'draft.updated') return null;
      const held: StoredDraft = this.#shelf.get(userId, place);
      const base = frame.text === '' ? null : answer.draft.updatedAt;
      const same = held.text === frame.text;
      this.#shelf.put(userId, place, { ...held, base, unsent: held.unsent && !same });
      return same ? null : pauseMs;
    } catch (cause) {
      const { code, details } = toRequestError(cause);
      const later = code === 'RATE_LIMITED' || code === 'STORE_UNAVAILABLE' || code === 'OVERLOADED';
      return later ? (details.retryAfter ?? 0) * 1000 || retryMs : null;
    }
  }

  /** The server would close the socket over it, again and again. */
  #isTooLong(frame: ClientFrame): boolean {
    const limit = this.#deps.frameBytes();
    return limit > 0 && new TextEncoder().encode(JSON.stringify(frame)).byteLength + 100 > limit;
  }
}

/** Whether a draft that is not in the list does not exist: a full list may lack older ones. */
function holdsAll(drafts: readonly Draft[]): boolean {
  const bytes = new TextEncoder().encode(drafts.map(({ text }) => text).join('')).byteLength;
  return drafts.length < draftLimits.count && bytes < draftLimits.welcomeBytes / 2;
}
