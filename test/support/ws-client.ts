import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  type ClientFrame,
  type Message,
  type ServerFrame,
  type ServerFrameOf,
  type ServerFrameType,
  serverFrameSchema,
} from '../../src/protocol/index.ts';

type Waiter = { matches: (frame: ServerFrame) => boolean; resolve: (frame: ServerFrame) => void; reject: (error: Error) => void };

/** What a strict reader made of one generation. */
export interface FoldedAnswer {
  generationId: string;
  messageId: string;
  epoch: string;
  seq: number;
  text: string;
  thoughts: string;
  deltas: number;
  started: boolean;
  finished: ServerFrameOf<'generation.finished'> | null;
  snapshots: number;
}

let ids = 0;

/** A client that believes nothing: every frame must fit the schema, every seq must follow, every end must match its hash. */
export class WsClient {
  readonly frames: ServerFrame[] = [];
  readonly answers = new Map<string, FoldedAnswer>();
  readonly faults: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();
  #ended: Error | null = null;
  /** Text of messages before their continuation. */
  readonly #base = new Map<string, string>();
  /** Answers that an earlier connection of the same reader had begun: it knows the whole. */
  readonly #carried = new Set<string>();
  /** Where this client asked to go on. */
  readonly #attached = new Map<string, number>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#ended = new Error(`the socket closed with ${code} ${reason.toString('utf8')}`);
        for (const waiter of this.#waiters) waiter.reject(this.#ended);
        resolve({ code, reason: reason.toString('utf8') });
      });
    });
    socket.on('error', () => {});
  }

  static connect(url: string, options: { origin?: string } = {}): Promise<WsClient> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, options.origin === undefined ? {} : { origin: options.origin });
      const client = new WsClient(socket);
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  get socket(): WebSocket {
    return this.#socket;
  }

  /**
   * Goes on where another connection of the same reader ended: what that one had folded is this one's beginning.
   * @returns its unfinished answers, as `hello.resume` and `generation.attach` want them
   */
  takeOver(before: WsClient): { generationId: string; epoch: string; afterSeq: number }[] {
    for (const [id, text] of before.#base) this.#base.set(id, text);
    for (const [id, answer] of before.answers) {
      this.answers.set(id, { ...answer });
      // What began in the middle by its own wish stays so.
      if ((before.#attached.get(id) ?? 0) === 0 || before.#carried.has(id) || answer.snapshots > 0) this.#carried.add(id);
    }
    const open = [...this.answers.values()].filter((answer) => answer.finished === null);
    return open.map(({ generationId, epoch, seq }) => ({ generationId, epoch, afterSeq: seq }));
  }

  send(frame: ClientFrame | Record<string, unknown>): void {
    if (frame.type === 'generation.attach') this.#attached.set(String(frame['generationId']), Number(frame['afterSeq']));
    this.#socket.send(JSON.stringify(frame));
  }

  sendRaw(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Sends a request and waits for the one frame that answers it. */
  request(frame: Record<string, unknown>): Promise<ServerFrame> {
    ids += 1;
    const id = `r${ids}`;
    const answer = this.next((candidate) => 'replyTo' in candidate && candidate.replyTo === id);
    this.send({ ...frame, id });
    return answer;
  }

  async hello(token?: string, extra: Record<string, unknown> = {}): Promise<ServerFrameOf<'welcome'>> {
    const welcome = await this.request({ type: 'hello', version: 1, ...(token === undefined ? {} : { token }), ...extra });
    if (welcome.type !== 'welcome') throw new Error(`no welcome but ${JSON.stringify(welcome)}`);
    return welcome;
  }

  /** Sends a text and waits for `message.accepted`. */
  async ask(text: string, options: Record<string, unknown> = {}): Promise<ServerFrameOf<'message.accepted'>> {
    ids += 1;
    const frame = {
      type: 'message.send',
      clientMessageId: `cid-${process.pid}-${ids}-${Date.now()}`,
      conversationId: null,
      text,
      ...options,
    };
    const answer = await this.request(frame);
    if (answer.type !== 'message.accepted') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The first frame, past or future, that matches. */
  wait(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const known = this.frames.find(matches);
    return known === undefined ? this.next(matches) : Promise.resolve(known);
  }

  /** Rejects when the socket closes before, or is closed already. */
  next(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    return new Promise((resolve, reject) => {
      if (this.#ended === null) this.#waiters.add({ matches, resolve, reject });
      else reject(this.#ended);
    });
  }

  async waitFor<T extends ServerFrameType>(type: T, matches: (frame: ServerFrameOf<T>) => boolean = () => true): Promise<ServerFrameOf<T>> {
    const test = (frame: ServerFrame): frame is ServerFrameOf<T> => frame.type === type;
    const found = await this.wait((frame) => test(frame) && matches(frame));
    if (!test(found)) throw new Error('another type');
    return found;
  }

  /** Waits for the end of a generation. */
  finished(generationId: string): Promise<ServerFrameOf<'generation.finished'>> {
    return this.waitFor('generation.finished', (frame) => frame.generationId === generationId);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: string): void {
    const parsed = serverFrameSchema.safeParse(JSON.parse(data));
    if (!parsed.success) {
      this.faults.push(`not a server frame: ${data.slice(0, 200)} ${parsed.error.message}`);
      return;
    }
    const frame = parsed.data;
    this.frames.push(frame);
    this.#fold(frame);
    for (const waiter of [...this.#waiters]) {
      if (!waiter.matches(frame)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(frame);
    }
  }

  #fold(frame: ServerFrame): void {
    if (frame.type === 'message.accepted') this.#base.set(frame.answer.id, textOf(frame.answer));
    if (frame.type === 'message.created' || frame.type === 'message.updated') this.#base.set(frame.message.id, textOf(frame.message));
    if (frame.type === 'conversation.opened') for (const message of frame.messages) this.#base.set(message.id, textOf(message));
    if (!('generationId' in frame) || !('epoch' in frame)) return;
    const answer = this.answers.get(frame.generationId) ?? this.#begin(frame);
    if (frame.type === 'generation.started') answer.started = true;
    if (frame.type === 'generation.snapshot') {
      answer.snapshots += 1;
      answer.epoch = frame.epoch;
      answer.seq = frame.seq;
      answer.text = textOf(frame.message);
      return;
    }
    if (!('seq' in frame)) return;
    if (frame.seq <= answer.seq) return;
    if (frame.epoch !== answer.epoch) this.faults.push(`events of another epoch of ${frame.generationId} without a snapshot`);
    if (frame.seq - frame.count !== answer.seq)
      this.faults.push(`gap in ${frame.generationId}: had ${answer.seq}, got ${frame.seq} of ${frame.count}`);
    answer.seq = frame.seq;
    if (frame.type === 'generation.delta') {
      answer.deltas += 1;
      if (frame.kind === 'text') answer.text += frame.text;
      else answer.thoughts += frame.text;
    }
    if (frame.type !== 'generation.finished') return;
    answer.finished = frame;
    this.#base.set(frame.messageId, textOf(frame.message));
    // A reader that began in the middle, by its own wish, cannot know the whole.
    const fromTheMiddle = (this.#attached.get(frame.generationId) ?? 0) > 0 && !this.#carried.has(frame.generationId);
    if (fromTheMiddle && answer.snapshots === 0) return;
    if (answer.text !== textOf(frame.message)) this.faults.push(`folded text differs from the message of ${frame.generationId}`);
    if (createHash('sha256').update(answer.text).digest('hex') !== frame.textSha256)
      this.faults.push(`hash differs in ${frame.generationId}`);
  }

  #begin(frame: { generationId: string; messageId: string; epoch: string }): FoldedAnswer {
    const opened = this.frames.findLast(
      (known) => known.type === 'conversation.opened' && known.running.some((one) => one.generationId === frame.generationId),
    );
    const running =
      opened?.type === 'conversation.opened' ? opened.running.find((one) => one.generationId === frame.generationId) : undefined;
    const attached = this.#attached.get(frame.generationId);
    const seq = attached ?? running?.seq ?? 0;
    const text = attached === undefined ? (this.#base.get(frame.messageId) ?? '') : '';
    const { generationId, messageId, epoch } = frame;
    const answer = { generationId, messageId, epoch, seq, text, thoughts: '', deltas: 0, started: false, finished: null, snapshots: 0 };
    this.answers.set(generationId, answer);
    return answer;
  }
}

export function textOf(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
