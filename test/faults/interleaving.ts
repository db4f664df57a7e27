import type { Message, StoredFile } from '../../src/protocol/index.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { textOf, type WsClient } from '../support/ws-client.ts';
import { questionOf, said, untruth } from './oracle.ts';
import { SeededRandom } from './seeded-random.ts';
import { StoreCopy, strayFiles } from './store-copy.ts';
import { World } from './world.ts';

interface Asked {
  readonly frame: Readonly<Record<string, unknown>> & { readonly type: string; readonly clientMessageId: string };
  /** The text that it stores as a question; null where it stores none. */
  readonly text: string | null;
  accepted: {
    readonly generationId: string;
    readonly conversationId: string;
    readonly messageId: string;
    readonly answerId: string;
  } | null;
  /** How often it was accepted as something new. */
  begun: number;
  /** Sent more than once, one sending may have been refused and another one, whose answer was lost, accepted. */
  sendings: number;
  /** The code of the error that ended it. */
  refused: string | null;
}

interface Reader {
  tab: WsClient;
  readonly wire: TcpProxy;
}

/** After these the outbox tries again; everything else ends a request. */
const passing = new Set(['DRAINING', 'STORE_UNAVAILABLE', 'OVERLOADED', 'RATE_LIMITED']);

const weights = {
  send: 9,
  resend: 3,
  drop: 4,
  cut: 4,
  attach: 3,
  stop: 2,
  kill: 2,
  terminate: 1,
  tab: 2,
  edit: 2,
  regenerate: 2,
  continue: 3,
  upload: 2,
  slow: 2,
  fast: 2,
  'reset upstream': 1,
  'silence upstream': 1,
  nothing: 4,
};
type StepName = keyof typeof weights;

/** How the model treats a question; part of the question, so that a repeat of it is treated the same. */
const plans = { plain: 6, long: 3, 'no finish': 1, reset: 1, silent: 1, 'busy once': 1 };
type Plan = keyof typeof plans;

const impatience = { LIMIT_FIRST_TOKEN_MS: '1500', LIMIT_FIRST_TOKEN_THINKING_MS: '1500', LIMIT_GAP_MS: '1200', DRAIN_MS: '400' };
const MAX_READERS = 4;
/** PROMISES: every generation is terminal within 60 s of the last fault. The embedded store needs far less. */
const TERMINAL_MS = 20_000;

/** One random history of one person, and what must hold at its end. All its numbers come from the seed. */
export class Interleaving {
  /** What was done, for whoever has to understand a failure. */
  readonly log: string[] = [];
  readonly #random: SeededRandom;
  /** Of its own, because how much there is to heal depends on the process. */
  readonly #healing: SeededRandom;
  readonly #world: World;
  readonly #picture: Uint8Array;
  readonly #readers: Reader[] = [];
  readonly #asked: Asked[] = [];
  readonly #ids = new Map<string, { readonly asked: Asked; readonly tab: WsClient }>();
  readonly #files: StoredFile[] = [];
  readonly #uploads: Promise<void>[] = [];
  /** Kept so that none of them is a promise of nobody. */
  readonly #pending: Promise<void>[] = [];
  #requests = 0;
  #killed = false;
  #upstreamHurt = false;

  private constructor(seed: number, world: World, picture: Uint8Array) {
    this.#random = new SeededRandom(seed);
    this.#healing = this.#random.fork();
    this.#world = world;
    this.#picture = picture;
  }

  /** @returns what did not hold; nothing, if all is well */
  static async run(options: {
    readonly seed: number;
    readonly program: string;
    readonly picture: Uint8Array;
    readonly steps?: number;
  }): Promise<{
    faults: string[];
    log: readonly string[];
  }> {
    const world = await World.open({ program: options.program, env: impatience });
    const run = new Interleaving(options.seed, world, options.picture);
    const faults: string[] = [];
    try {
      await run.#live(options.steps ?? run.#random.whole(25, 60));
      faults.push(...(await run.#judge()));
    } catch (error) {
      faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      for (const { wire } of run.#readers) await wire.close();
      await world.close();
    }
    return { faults, log: run.log };
  }

  async #live(steps: number): Promise<void> {
    const world = this.#world;
    world.oracle.answers(null, (call) => this.#answer('plain', call));
    await this.#newReader();
    for (let n = 0; n < steps; n += 1) {
      const name = this.#random.weighted(weights);
      // Every step takes the same count of numbers from the main stream, whatever it finds to do.
      const random = this.#random.fork();
      this.log.push(name);
      await inTime(this.#step(name, random), name);
      await after(random.whole(0, 60));
      if (random.chance(0.6)) await inTime(this.#heal(), 'reconnecting');
    }
  }

  async #step(name: StepName, random: SeededRandom): Promise<void> {
    const world = this.#world;
    const reader = this.#readers[random.whole(0, this.#readers.length - 1)];
    const known = this.#asked.filter((one) => one.accepted !== null);
    const chosen = known.length === 0 ? undefined : known[random.whole(0, known.length - 1)];
    if (reader === undefined) throw new Error('no reader');
    switch (name) {
      case 'send':
        return this.#send(reader, chosen?.accepted?.conversationId ?? null, random);
      case 'resend': {
        const again = this.#asked.filter((one) => one.refused === null);
        const one = again[random.whole(0, Math.max(0, again.length - 1))];
        if (one !== undefined) this.#ask(reader, one);
        return;
      }
      case 'drop':
        if (random.chance(0.5)) reader.wire.drop();
        else reader.tab.terminate();
        return;
      case 'cut':
        this.#cut(reader, random);
        return;
      case 'attach':
        return chosen === undefined ? undefined : this.#attach(chosen, random);
      case 'stop':
        if (chosen?.accepted && isOpen(reader.tab))
          reader.tab.send({ type: 'generation.stop', generationId: chosen.accepted.generationId });
        return;
      case 'kill':
        this.#killed = true;
        await world.kill();
        await world.start();
        return;
      case 'terminate': {
        const code = await world.terminate();
        if (code !== 0) throw new Error(`SIGTERM ended with ${code}`);
        await world.start();
        return;
      }
      case 'tab':
        if (this.#readers.length < MAX_READERS) await this.#newReader();
        return;
      case 'edit':
      case 'regenerate':
      case 'continue':
        if (chosen?.accepted) this.#branch(reader, name, chosen.accepted, random);
        return;
      case 'upload':
        this.#uploads.push(this.#upload());
        return;
      case 'slow':
        reader.wire.shape({ latencyMs: random.whole(0, 40), bytesPerSecond: random.whole(2000, 60_000), pieces: random.whole(1, 200) });
        return;
      case 'fast':
        reader.wire.shape(null);
        return;
      case 'reset upstream':
        this.#upstreamHurt = true;
        world.upstream.drop();
        return;
      case 'silence upstream':
        this.#upstreamHurt = true;
        world.upstream.blackhole();
        await after(random.whole(0, 300));
        return world.upstream.resume();
      case 'nothing':
        return after(random.whole(0, 200));
      default: {
        const unknown: never = name;
        throw new Error(String(unknown));
      }
    }
  }

  #answer(plan: Plan, call: number): ReturnType<typeof said> {
    const count = plan === 'long' ? 150 : 3 + (call % 30);
    const words = said(call, count, 2 + (call % 4) * 4);
    switch (plan) {
      case 'no finish':
        return words;
      case 'reset':
        return [...words, { delay: 30 }, { reset: true }];
      case 'silent':
        return [...words, { hang: true }];
      default:
        return [...words, { finish: 'STOP' }];
    }
  }

  #script(text: string, plan: Plan): void {
    let calls = 0;
    this.#world.oracle.answers(text, (call) => {
      calls += 1;
      if (plan === 'busy once' && calls === 1)
        return [{ status: 503, body: { error: { code: 503, status: 'UNAVAILABLE', message: 'busy' } } }];
      return this.#answer(plan, call);
    });
  }

  #send(reader: Reader, conversation: string | null, random: SeededRandom): void {
    const plan = random.weighted(plans);
    const text = `question ${this.#asked.length} (${plan})`;
    this.#script(text, plan);
    const file = this.#files.at(-1);
    const attachments = file !== undefined && random.chance(0.3) ? { attachments: [file.id] } : {};
    const conversationId = random.chance(0.6) ? conversation : null;
    this.#ask(reader, this.#remember({ type: 'message.send', conversationId, text, ...attachments }, text));
  }

  #branch(reader: Reader, kind: 'edit' | 'regenerate' | 'continue', place: NonNullable<Asked['accepted']>, random: SeededRandom): void {
    if (kind === 'edit') {
      const text = `question ${this.#asked.length} (edited)`;
      this.#script(text, random.weighted(plans));
      this.#ask(reader, this.#remember({ type: 'message.edit', messageId: place.messageId, text }, text));
    } else this.#ask(reader, this.#remember({ type: `message.${kind}`, messageId: place.answerId }, null));
  }

  #remember(frame: { readonly type: string } & Readonly<Record<string, unknown>>, text: string | null): Asked {
    const asked: Asked = {
      frame: { ...frame, clientMessageId: `c${this.#asked.length}` },
      text,
      accepted: null,
      begun: 0,
      sendings: 0,
      refused: null,
    };
    this.#asked.push(asked);
    return asked;
  }

  #ask({ tab }: Reader, asked: Asked): void {
    if (!isOpen(tab)) return;
    this.#requests += 1;
    asked.sendings += 1;
    const id = `a${this.#requests}`;
    this.#ids.set(id, { asked, tab });
    tab.send({ ...asked.frame, id });
  }

  /** Reads what the tabs have heard since the last time. */
  #listen(): void {
    for (const tab of this.#world.tabs) {
      for (const frame of tab.frames) {
        if (!('replyTo' in frame) || frame.replyTo === undefined) continue;
        const known = this.#ids.get(frame.replyTo);
        if (known === undefined) continue;
        const { asked } = known;
        this.#ids.delete(frame.replyTo);
        if (frame.type === 'message.accepted') this.#accepted(asked, frame);
        else if (frame.type === 'error' && !passing.has(frame.code) && asked.accepted === null) asked.refused = frame.code;
      }
    }
  }

  #accepted(asked: Asked, frame: Extract<WsClient['frames'][number], { type: 'message.accepted' }>): void {
    // What is heard first need not be what was said first: another tab may bring the repeat.
    if (!frame.duplicate) asked.begun += 1;
    const before = asked.accepted?.generationId ?? frame.generationId;
    if (asked.begun > 1 || before !== frame.generationId)
      throw new Error(`${asked.frame.clientMessageId} was accepted twice: ${before} and ${frame.generationId}`);
    const { generationId, conversation, message, answer } = frame;
    asked.accepted = { generationId, conversationId: conversation.id, messageId: message.id, answerId: answer.id };
  }

  #cut({ wire }: Reader, random: SeededRandom): void {
    let left = random.whole(1, 12);
    const atFrame = () => {
      left -= 1;
      return left === 0;
    };
    const how = random.chance(0.8) ? 'reset' : 'silence';
    const noticed = random.whole(50, 400);
    const cut = wire.cut({ share: random.pick([0, 0.3, 0.7, 1]), how, atFrame });
    // A browser notices a silent wire by the pings that do not come.
    if (how === 'silence') this.#pending.push(cut.then(() => after(noticed)).then(() => wire.drop()));
  }

  /** Somebody who begins to read at any place. */
  async #attach({ accepted, frame }: Asked, random: SeededRandom): Promise<void> {
    const tab = await this.#world.tab();
    const afterSeq = random.chance(0.5) ? 0 : random.whole(0, 40);
    if (accepted === null) return;
    const { generationId, conversationId } = accepted;
    // The events of a continuation are its own: whoever reads them needs the text that it continues.
    if (frame.type === 'message.continue' || random.chance(0.3)) tab.send({ type: 'conversation.open', conversationId });
    else tab.send({ type: 'generation.attach', generationId, afterSeq });
  }

  async #upload(): Promise<void> {
    try {
      this.#files.push(await this.#world.upload(this.#picture));
    } catch {
      // It was killed or refused: nothing is owed.
    }
  }

  async #newReader(): Promise<void> {
    const wire = await this.#world.newWire();
    this.#readers.push({ wire, tab: await this.#world.tab({ wire }) });
  }

  /** Those that lost their connection come back, and send again what nobody has answered. */
  async #heal(): Promise<void> {
    this.#listen();
    for (const reader of this.#readers) {
      if (isOpen(reader.tab)) continue;
      reader.tab = await this.#back(reader);
    }
    const open = this.#readers[0];
    const waiting = new Set([...this.#ids.values()].flatMap(({ asked, tab }) => (isOpen(tab) ? [asked] : [])));
    for (const asked of this.#asked) {
      if (open === undefined || asked.accepted !== null || asked.refused !== null) continue;
      // An outbox may be impatient, too, and send what is only slow.
      if (!waiting.has(asked) || this.#healing.chance(0.2)) this.#ask(open, asked);
    }
  }

  /** A cut may hit the connection that is being made, too. */
  async #back({ tab, wire }: Reader): Promise<WsClient> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#world.reconnect(tab, this.#healing.pick(['resume', 'attach']), wire);
      } catch (error) {
        if (tries === 20) throw error;
      }
    }
  }

  /** Ends the faults, lets everything come to its end, and looks. */
  async #judge(): Promise<string[]> {
    const world = this.#world;
    await Promise.all(this.#uploads);
    for (const { wire } of this.#readers) wire.mend();
    // Whoever is on a silent wire has noticed by then.
    await after(450);
    await world.upstream.resume();
    const quiet = performance.now();
    const late = () => performance.now() - quiet > TERMINAL_MS;
    while (this.#asked.some((one) => one.accepted === null && one.refused === null)) {
      if (late())
        return [
          `never answered: ${this.#asked
            .filter((one) => one.accepted === null && one.refused === null)
            .map((one) => JSON.stringify(one.frame))
            .join(' ')}`,
        ];
      await this.#heal();
      await after(100);
    }
    let messages = await world.allMessages();
    for (; messages.some(({ status }) => status === 'streaming'); messages = await world.allMessages()) {
      if (late())
        return [
          `still streaming: ${messages
            .filter(({ status }) => status === 'streaming')
            .map(({ id }) => id)
            .join(' ')}`,
        ];
      await after(100);
    }
    await this.#heal();
    const faults = [
      ...this.#storedFaults(messages),
      ...(await this.#readerFaults(messages)),
      ...(await this.#repeatFaults()),
      ...(await this.#fileFaults()),
    ];
    const code = await world.terminate();
    if (code !== 0) faults.push(`the last SIGTERM ended with ${code}`);
    return [...faults, ...this.#rowFaults(), ...world.faults(), ...strayFiles(world.dataDir).map((name) => `left over: ${name}`)];
  }

  /** Accepted is a subset of stored, once; and every answer is what the model said. */
  #storedFaults(messages: readonly Message[]): string[] {
    const faults: string[] = [];
    const byId = new Map(messages.map((message) => [message.id, message]));
    for (const { frame, text, accepted } of this.#asked) {
      if (accepted === null) continue;
      const question = byId.get(accepted.messageId);
      if (question === undefined || (text !== null && textOf(question) !== text))
        faults.push(`${frame.clientMessageId} was accepted and is not stored`);
      if (!byId.has(accepted.answerId)) faults.push(`the answer to ${frame.clientMessageId} is not stored`);
    }
    for (const { text, accepted, sendings } of this.#asked) {
      if (text === null) continue;
      const times = messages.filter((message) => message.role === 'user' && textOf(message) === text).length;
      if (times > 1 || (times === 0 && accepted !== null) || (times === 1 && accepted === null && sendings === 1))
        faults.push(`"${text}" is stored ${times} times`);
    }
    for (const message of messages.filter(({ role }) => role === 'assistant')) {
      const wrong = untruth(textOf(message), message.status === 'complete', this.#world.oracle);
      if (wrong !== null) faults.push(`answer ${message.id} (${message.status}): ${wrong}`);
    }
    return faults;
  }

  /** Whoever reads ends with the stored text. */
  async #readerFaults(messages: readonly Message[]): Promise<string[]> {
    const faults: string[] = [];
    const stored = new Map(messages.map((message) => [message.id, textOf(message)]));
    // Ids are made in the order of time, whatever was asked first. Where the answer to a repeat was lost there may be a later one.
    const known = this.#asked.flatMap(({ accepted }) => (accepted === null ? [] : [[accepted.answerId, accepted.generationId] as const]));
    const lastOf = new Map(known.toSorted(([, left], [, right]) => (left < right ? -1 : 1)));
    const allKnown = this.#asked.every(({ accepted, sendings }) => accepted !== null || sendings === 1);
    for (const { tab } of this.#readers) {
      for (const { generationId } of [...tab.answers.values()].filter((answer) => answer.finished === null)) {
        await inTime(tab.finished(generationId), `the end of ${generationId}`).catch((error: unknown) => faults.push(String(error)));
      }
    }
    for (const tab of this.#world.tabs) {
      for (const { finished, messageId, generationId } of tab.answers.values()) {
        if (finished === null) continue;
        const shown = textOf(finished.message);
        const kept = stored.get(messageId) ?? '';
        const isLast = allKnown && lastOf.get(messageId) === generationId;
        if (isLast ? kept === shown : kept.startsWith(shown)) continue;
        const heard = this.#asked.flatMap(({ frame, accepted, sendings }) =>
          accepted?.answerId === messageId ? [`${frame.clientMessageId} ${frame.type} x${sendings} ${accepted.generationId}`] : [],
        );
        faults.push(
          `a reader of ${generationId} ended with "${shown}", stored is "${kept}"; ${isLast ? 'it was the last of' : 'of'} ${heard.join(', ')}`,
        );
      }
    }
    return faults;
  }

  /** Sent again after everything, each is the same generation. */
  async #repeatFaults(): Promise<string[]> {
    const faults: string[] = [];
    const tab = await this.#world.tab();
    for (const { frame, accepted } of this.#asked) {
      if (accepted === null) continue;
      const again = await tab.request(frame);
      if (again.type !== 'message.accepted' || !again.duplicate || again.generationId !== accepted.generationId) {
        faults.push(`${frame.clientMessageId} sent again: ${JSON.stringify(again).slice(0, 200)}`);
      }
    }
    return faults;
  }

  async #fileFaults(): Promise<string[]> {
    const faults: string[] = [];
    for (const file of this.#files) {
      const response = await this.#world.request(file.url);
      const { byteLength } = await response.arrayBuffer();
      if (response.status !== 200 || byteLength !== file.size)
        faults.push(`file ${file.id}: ${response.status}, ${byteLength} of ${file.size} bytes`);
    }
    return faults;
  }

  /** What lies in the store after an end in order. */
  #rowFaults(): string[] {
    const copy = new StoreCopy(this.#world.dataDir);
    try {
      const faults = copy.damage();
      const generations = copy.documents('generations');
      for (const row of generations) {
        if (row['status'] === 'running' || row['pending'] !== undefined || row['runningKey'] !== undefined)
          faults.push(`not ended: ${JSON.stringify(row).slice(0, 200)}`);
      }
      for (const row of copy.documents('conversations'))
        if (row['runningId'] !== null) faults.push(`conversation ${String(row['id'])} says that it runs`);
      const keys = generations.map(({ dedupeKey }) => String(dedupeKey).split(':').at(-1) ?? '');
      for (const { frame, accepted, sendings } of this.#asked) {
        const own = keys.filter((key) => key === frame.clientMessageId).length;
        if (own > 1 || (own === 0 && accepted !== null) || (own === 1 && accepted === null && sendings === 1))
          faults.push(`${frame.clientMessageId} has ${own} generations and was ${accepted === null ? 'refused' : 'accepted'}`);
      }
      return [...faults, ...this.#usageFaults(copy, generations), ...this.#billFaults(generations.length)];
    } finally {
      copy.close();
    }
  }

  /** Each answer is counted once; one that a killed process left behind may be counted or not. */
  #usageFaults(copy: StoreCopy, generations: readonly Readonly<Record<string, unknown>>[]): string[] {
    const { id } = this.#world.ada;
    const rows = copy.documents('usage').filter(({ scope, key }) => scope === 'user' && key === id);
    const counted = rows.reduce((sum, { requests }) => sum + Number(requests), 0);
    const least = this.#killed ? generations.filter(({ status }) => status !== 'interrupted').length : generations.length;
    if (counted >= least && counted <= generations.length) return [];
    return [`${counted} answers are counted, of ${generations.length} that ended, ${least} of them for certain`];
  }

  /** The model is asked once for each answer: what had begun to speak is never asked again. */
  #billFaults(generations: number): string[] {
    if (this.#upstreamHurt) return [];
    const spoke = this.#world.oracle
      .requests()
      .filter((request) => request.sentText() !== '' && !questionOf(request).includes('(reset)')).length;
    return spoke <= generations ? [] : [`the model spoke ${spoke} times for ${generations} answers`];
  }
}

function isOpen(tab: WsClient): boolean {
  return tab.socket.readyState === tab.socket.OPEN;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A step that hangs is named. */
async function inTime<T>(work: Promise<T> | T, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of: ${name}`)), 30_000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
