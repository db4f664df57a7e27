import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Message, partSchema, type StoredFile } from '../../src/protocol/index.ts';
import { textOf, WsClient } from '../support/ws-client.ts';
import { Oracle, said, untruth } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import { StoreCopy, strayFiles } from './store-copy.ts';
import { World } from './world.ts';

export const killPhases = ['store', 'answer', 'upload', 'boot', 'drain'] as const;
export type KillPhase = (typeof killPhases)[number];

export const violationKinds = ['lost', 'doubled', 'stuck', 'untrue', 'damaged', 'left over', 'broken'] as const;
export type ViolationKind = (typeof violationKinds)[number];

export interface KillResult {
  readonly phase: KillPhase;
  /** Messages and uploads that were acknowledged before the kill or right after it. */
  readonly acknowledged: number;
  /** From the start of the process until it is ready. */
  readonly readyMs: number;
  readonly violations: readonly { readonly kind: ViolationKind; readonly what: string }[];
}

interface Sent {
  readonly frame: {
    readonly type: 'message.send';
    readonly clientMessageId: string;
    readonly conversationId: string | null;
    readonly text: string;
  };
  /** Set when it was acknowledged. */
  place: { readonly conversationId: string; readonly generationId: string; readonly messageId: string; readonly answerId: string } | null;
}

/** After this a generation of a dead process may run no more (PROMISES G7, embedded store). */
const RECOVERY_LIMIT_MS = 5000;
/** A data folder is audited to the last row and put away after so many kills. */
const KILLS_A_FOLDER = 40;
const weights = { store: 3, answer: 3, upload: 2, boot: 1, drain: 1 };

/** Kills one server again and again, each time at another moment, and looks each time at what is left. */
export class KillRun {
  readonly #program: string;
  readonly #random: SeededRandom;
  readonly #picture: Uint8Array;
  readonly #name: string;
  #oracle: Oracle | null = null;
  #world: World | null = null;
  #kills = 0;
  #messages = 0;
  #acknowledgements = 0;
  /** Processes that the killed one had started. */
  #children: string[] = [];
  /** Every acknowledged message of this folder. */
  readonly #acknowledged: Sent[] = [];
  readonly #files: StoredFile[] = [];
  /** What the next kill may hurt. */
  #round: Sent[] = [];
  #violations: { kind: ViolationKind; what: string }[] = [];

  constructor(options: { readonly program: string; readonly random: SeededRandom; readonly picture: Uint8Array; readonly name: string }) {
    this.#program = options.program;
    this.#random = options.random;
    this.#picture = options.picture;
    this.#name = options.name;
  }

  /** One kill, one restart and everything that must hold afterwards. */
  async kill(phase: KillPhase | null = null): Promise<KillResult> {
    this.#violations = [];
    const chosen = phase ?? this.#random.weighted(weights);
    const before = this.#acknowledgements;
    let readyMs = 0;
    try {
      const world = await this.#open();
      const random = this.#random.fork();
      await this.#hurt(world, chosen, random);
      this.#look(world, 'after the kill');
      const begun = performance.now();
      await world.start();
      readyMs = performance.now() - begun;
      await this.#verify(world);
      this.#kills += 1;
      if (this.#kills % KILLS_A_FOLDER === 0) await this.putAway();
    } catch (error) {
      const log = this.#world?.runs === true ? this.#world.server.lines.slice(-15).join('\n') : '';
      this.#report('broken', `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${log}`);
      await this.#drop();
    }
    return {
      phase: chosen,
      acknowledged: this.#acknowledgements - before,
      readyMs,
      violations: [...this.#violations],
    };
  }

  /** Ends the server in order and audits its store. @returns violations that only now came to light */
  async putAway(): Promise<readonly { kind: ViolationKind; what: string }[]> {
    const world = this.#world;
    if (world === null) return [];
    const seen = this.#violations.length;
    const code = await world.terminate();
    if (code !== 0) this.#report('broken', `SIGTERM ended with ${code}`);
    const copy = new StoreCopy(world.dataDir);
    for (const line of copy.damage()) this.#report('damaged', line);
    this.#audit(copy);
    copy.close();
    await this.#drop();
    return this.#violations.slice(seen);
  }

  async close(): Promise<void> {
    await this.#drop();
    await this.#oracle?.close();
  }

  #report(kind: ViolationKind, what: string): void {
    this.#violations.push({ kind, what: `${this.#name}, kill ${this.#kills + 1}: ${what}` });
  }

  async #open(): Promise<World> {
    if (this.#world !== null) return this.#world;
    this.#oracle ??= await Oracle.start();
    this.#oracle.answers(null, (call) => [...said(call, 10 + ((call * 7) % 50), 3 + (call % 5) * 4), { finish: 'STOP' }]);
    this.#world = await World.open({ program: this.#program, oracle: this.#oracle });
    return this.#world;
  }

  async #drop(): Promise<void> {
    await this.#world?.close();
    this.#world = null;
    this.#acknowledged.length = 0;
    this.#files.length = 0;
    this.#round = [];
  }

  /** Puts work on the server and kills it in the middle of that. */
  async #hurt(world: World, phase: KillPhase, random: SeededRandom): Promise<void> {
    const tab = await world.tab();
    const uploads: Promise<unknown>[] = [];
    const beforeKill = this.#round.length;
    if (phase === 'upload')
      for (let n = random.whole(1, 3); n > 0; n -= 1) {
        // One that the kill takes with it was not acknowledged: nothing is owed.
        uploads.push(this.#upload(world, random).catch(() => {}));
      }
    for (let n = phase === 'upload' ? random.whole(0, 1) : random.whole(1, 5); n > 0; n -= 1) this.#send(tab, random);
    if (phase === 'answer' || phase === 'boot' || phase === 'drain')
      await Promise.race([tab.waitFor('generation.delta'), after(RECOVERY_LIMIT_MS)]);
    await after(momentOf(phase, random));
    if (phase === 'drain') {
      world.server.kill('SIGTERM');
      await after(random.next() * 400);
    }
    this.#children = await childrenOf(world.server.pid);
    await world.kill();
    await tab.closed;
    await Promise.all(uploads);
    if (tab.faults.length > 0) this.#report('untrue', tab.faults.join('; '));
    for (const sent of this.#round.slice(beforeKill)) this.#takeAcknowledgement(sent, tab);
    if (phase === 'boot') for (let n = random.whole(1, 2); n > 0; n -= 1) await this.#killWhileStarting(world, random);
  }

  #send(tab: WsClient, random: SeededRandom): void {
    this.#messages += 1;
    const taken = new Set(this.#round.map((sent) => sent.place?.conversationId ?? sent.frame.conversationId));
    const idle = this.#acknowledged
      .slice(-30)
      .flatMap(({ place }) => (place === null || taken.has(place.conversationId) ? [] : [place.conversationId]));
    const conversationId = idle.length > 0 && random.chance(0.4) ? (idle[random.whole(0, idle.length - 1)] ?? null) : null;
    const clientMessageId = `${this.#name}-${this.#messages}`;
    const frame = { type: 'message.send' as const, clientMessageId, conversationId, text: `question ${clientMessageId}` };
    this.#round.push({ frame, place: null });
    tab.send(frame);
  }

  async #upload(world: World, random: SeededRandom): Promise<void> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(this.#picture)], { type: 'image/png' }), 'picture.png');
    const whole = new Request('http://x/', { method: 'POST', body: form });
    const body = new Uint8Array(await whole.arrayBuffer());
    const pieces = random.chance(0.5) ? 1 : 8;
    const stream = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (let n = 0; n < pieces; n += 1) {
          controller.enqueue(body.subarray((body.length * n) / pieces, (body.length * (n + 1)) / pieces));
          if (pieces > 1) await after(15);
        }
        controller.close();
      },
    });
    const headers = {
      'content-type': whole.headers.get('content-type') ?? '',
      'sec-fetch-site': 'same-origin',
      'x-requested-with': 'faults',
    };
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half', headers };
    const response = await world.request('/api/uploads', init);
    if (response.status === 201) {
      this.#files.push(((await response.json()) as { file: StoredFile }).file);
      this.#acknowledgements += 1;
    } else if (response.status !== 429) this.#report('broken', `an upload was refused: ${response.status} ${await response.text()}`);
  }

  async #killWhileStarting(world: World, random: SeededRandom): Promise<void> {
    const moment = random.next() * 500;
    let killed: Promise<unknown> = Promise.resolve();
    const starting = world.start(
      {},
      {
        onSpawn: (process) => {
          killed = after(moment).then(() => {
            process.kill('SIGKILL');
            return process.exited;
          });
        },
      },
    );
    await Promise.allSettled([starting]);
    await killed;
    await world.kill();
  }

  #takeAcknowledgement(sent: Sent, tab: WsClient): void {
    const { clientMessageId } = sent.frame;
    for (const frame of tab.frames) {
      if (frame.type === 'error' && !['DRAINING', 'RATE_LIMITED'].includes(frame.code))
        this.#report('broken', `refused: ${frame.code} ${frame.message}`);
      if (frame.type !== 'message.accepted' || frame.clientMessageId !== clientMessageId) continue;
      const { conversation, generationId, message, answer } = frame;
      sent.place = { conversationId: conversation.id, generationId, messageId: message.id, answerId: answer.id };
      this.#acknowledged.push(sent);
      this.#acknowledgements += 1;
      return;
    }
  }

  /** The disk, before the next process touches it. */
  #look(world: World, when: string): void {
    const copy = new StoreCopy(world.dataDir);
    for (const line of copy.damage()) this.#report('damaged', `${when}: ${line}`);
    copy.close();
    for (const name of strayFiles(world.dataDir)) this.#report('left over', name);
  }

  async #verify(world: World): Promise<void> {
    const readyAt = performance.now();
    const tab = await WsClient.connect(`ws://127.0.0.1:${world.server.port}/ws`);
    world.tabs.push(tab);
    const welcome = await tab.hello(world.ada.token);
    for (const { generationId } of welcome.running) this.#report('stuck', `generation ${generationId} runs after the boot`);
    await Promise.all(this.#round.map((sent) => this.#verifyAcknowledged(world, sent, readyAt)));
    for (const file of this.#files.slice(-6)) await this.#verifyFile(world, file);
    // What was not acknowledged is sent again, as an outbox does: it is what the next kill may hurt.
    const hurt = this.#round;
    this.#round = [];
    for (const sent of hurt) await this.#sendAgain(tab, sent);
    const places = new Map(hurt.flatMap(({ place }) => (place === null ? [] : [[place.conversationId, place]])));
    for (const conversationId of places.keys()) await this.#verifyOnce(world, conversationId, hurt);
    for (const pid of this.#children) {
      while ((await isAlive(pid)) && performance.now() - readyAt < RECOVERY_LIMIT_MS) await after(50);
      if (await isAlive(pid)) this.#report('left over', `process ${pid} of the killed server`);
    }
  }

  async #verifyAcknowledged(world: World, { frame, place }: Sent, readyAt: number): Promise<void> {
    if (place === null) return;
    for (;;) {
      const messages = await world.messages(place.conversationId);
      const question = messages.find((message) => message.id === place.messageId);
      const answer = messages.find((message) => message.id === place.answerId);
      if (question === undefined || textOf(question) !== frame.text || answer === undefined) {
        return this.#report('lost', `${frame.clientMessageId} was acknowledged and is not there`);
      }
      if (answer.status !== 'streaming') return this.#verifyText(answer);
      if (performance.now() - readyAt > RECOVERY_LIMIT_MS)
        return this.#report('stuck', `the answer to ${frame.clientMessageId} is still streaming`);
      await after(100);
    }
  }

  #verifyText(answer: Message): void {
    const wrong = this.#oracle === null ? null : untruth(textOf(answer), answer.status === 'complete', this.#oracle);
    if (wrong !== null) this.#report('untrue', `answer ${answer.id} (${answer.status}): ${wrong}`);
  }

  async #sendAgain(tab: WsClient, sent: Sent): Promise<void> {
    const answer = await tab.request(sent.frame);
    const known = sent.place;
    if (answer.type !== 'message.accepted')
      return this.#report('broken', `${sent.frame.clientMessageId} sent again: ${JSON.stringify(answer).slice(0, 200)}`);
    if (known === null) {
      this.#takeAcknowledgement(sent, tab);
      if (!answer.duplicate) this.#round.push(sent);
    } else if (!answer.duplicate) this.#report('doubled', `${sent.frame.clientMessageId} was accepted a second time`);
    else if (answer.generationId !== known.generationId) this.#report('doubled', `${sent.frame.clientMessageId} has two generations`);
  }

  async #verifyOnce(world: World, conversationId: string, sent: readonly Sent[]): Promise<void> {
    const questions = (await world.messages(conversationId)).filter((message) => message.role === 'user').map(textOf);
    for (const { frame, place } of sent) {
      if (place?.conversationId !== conversationId) continue;
      const times = questions.filter((text) => text === frame.text).length;
      if (times > 1) this.#report('doubled', `${frame.clientMessageId} is stored ${times} times`);
    }
  }

  async #verifyFile(world: World, file: StoredFile): Promise<void> {
    const response = await world.request(file.url);
    const bytes = (await response.arrayBuffer()).byteLength;
    if (response.status !== 200 || bytes !== file.size)
      this.#report('lost', `file ${file.id}: ${response.status}, ${bytes} of ${file.size} bytes`);
  }

  /** Every row of the folder, after an end in order. */
  #audit(copy: StoreCopy): void {
    const generations = copy.documents('generations');
    const messages = copy.documents('messages');
    const files = new Set(copy.documents('files').map(({ id }) => id));
    for (const generation of generations) {
      if (generation['status'] === 'running') this.#report('stuck', `generation ${String(generation['id'])} is stored as running`);
      if (generation['pending'] !== undefined) this.#report('stuck', `generation ${String(generation['id'])} was never finished writing`);
    }
    for (const message of messages)
      if (message['status'] === 'streaming') this.#report('stuck', `message ${String(message['id'])} is stored as streaming`);
    const questions = new Map<string, number>();
    for (const message of messages.filter(({ role }) => role === 'user')) {
      const text = storedText(message['parts']);
      questions.set(text, (questions.get(text) ?? 0) + 1);
    }
    for (const { frame } of this.#acknowledged) {
      const times = questions.get(frame.text) ?? 0;
      if (times !== 1) this.#report(times === 0 ? 'lost' : 'doubled', `${frame.clientMessageId} is stored ${times} times at the end`);
      const own = generations.filter(({ dedupeKey }) => String(dedupeKey).endsWith(`:${frame.clientMessageId}`)).length;
      if (own !== 1) this.#report(own === 0 ? 'lost' : 'doubled', `${frame.clientMessageId} has ${own} generations at the end`);
    }
    for (const { id } of this.#files) if (!files.has(id)) this.#report('lost', `file ${id} has no row at the end`);
    const asked = new Map<string, number>();
    for (const { place } of this.#acknowledged) if (place !== null) asked.set(place.answerId, (asked.get(place.answerId) ?? 0) + 1);
    for (const [id, times] of asked) if (times > 1) this.#report('doubled', `answer ${id} belongs to ${times} messages`);
  }
}

/** When to kill, in ms after the work was handed over: the times in which that phase does its work, and a little beyond. */
function momentOf(phase: KillPhase, random: SeededRandom): number {
  if (phase === 'store') return random.next() * 25;
  if (phase === 'upload') return random.next() * 1200;
  return random.next() * 500;
}

/** Finer than a timer. */
async function after(ms: number): Promise<void> {
  const due = performance.now() + ms;
  if (ms > 4) await new Promise((resolve) => setTimeout(resolve, ms - 2));
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
}

/** Linux; elsewhere none are known. */
async function childrenOf(pid: number): Promise<string[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return listed.split(' ').filter((one) => one !== '');
}

async function isAlive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // One that has ended and that nobody has buried yet holds nothing any more.
  return stat !== '' && !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

function storedText(parts: unknown): string {
  return z
    .array(partSchema)
    .parse(parts)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('');
}
