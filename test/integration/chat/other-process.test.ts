import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { ModelRegistry } from '../../../src/core/index.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import type { Message, ServerFrame, User } from '../../../src/protocol/index.ts';
import type { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { noGenerationObserver } from '../../../src/services/generations/generation-observer.ts';
import { MessagingService } from '../../../src/services/messaging/messaging-service.ts';
import { UserService, type UserSession } from '../../../src/services/messaging/user-service.ts';
import { type Chat, wireChat } from '../../../src/wiring/wire-chat.ts';
import { collections } from '../../../src/wiring/wire-storage.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { textOf } from '../../support/ws-client.ts';

const ada: User = { id: 'ada', name: 'Ada', email: 'ada@example.org', role: 'user' };
const mallory: User = { id: 'mallory', name: 'M', email: 'm@example.org', role: 'user' };
const noUploads = {
  get: () => Promise.reject(new AppError('NOT_FOUND')),
  readForModel: () => Promise.reject(new AppError('NOT_FOUND')),
  storeGenerated: () => Promise.reject(new AppError('NOT_FOUND')),
  refer: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

let clock: ReturnType<typeof createFakeClock>;
let documents: DocumentStore;
let model: ScriptedModel;
let ids = 0;

/** One process of several on the same database. */
interface Process extends Chat {
  readonly users: UserService;
}

function startProcess(): Process {
  const users = new UserService({ maxSessionsPerUser: 0 });
  const messaging = new MessagingService({ users, models: new ModelRegistry(), metrics: { add() {} }, logger: silentLogger });
  messaging.registerModel(model);
  messaging.run();
  const config = readConfig({ LIMIT_MESSAGES_PER_MINUTE: '0' });
  const observer = noGenerationObserver;
  return { users, ...wireChat(config, { documents, messaging, uploads: noUploads, jobs: noJobs, observer, clock, logger: silentLogger }) };
}

const noJobs = { cancelIn: async () => {}, releaseConversation: async () => {} };

/** Lets everything that is due happen, in small steps. */
async function tick(ms: number, step = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed));
    for (let turn = 0; turn < 4; turn += 1) await setImmediate();
  }
}

/** A client of a process that checks every seq. */
function reader(user: User = ada): UserSession & { frames: ServerFrame[]; text: string; seq: number; end: Message | null; gaps: number } {
  ids += 1;
  const session = {
    id: `session-${ids}`,
    user,
    sid: 'sid',
    frames: [] as ServerFrame[],
    text: '',
    seq: 0,
    end: null as Message | null,
    gaps: 0,
    send(frame: ServerFrame) {
      session.frames.push(frame);
      if (frame.type === 'generation.snapshot') {
        session.seq = frame.seq;
        session.text = textOf(frame.message);
        return;
      }
      if (!('seq' in frame) || !('count' in frame)) return;
      if (frame.seq - frame.count !== session.seq) session.gaps += 1;
      session.seq = frame.seq;
      if (frame.type === 'generation.delta' && frame.kind === 'text') session.text += frame.text;
      if (frame.type === 'generation.finished') session.end = frame.message;
    },
    follow(log: GenerationLog, afterSeq: number) {
      let cursor = afterSeq;
      session.seq = afterSeq;
      const pump = () => {
        for (const frame of log.read(cursor)) {
          session.send(frame);
          if ('seq' in frame && typeof frame.seq === 'number') cursor = frame.seq;
        }
      };
      log.subscribe(pump);
      pump();
    },
    close() {},
  };
  return session;
}

async function attach(process: Process, generationId: string, afterSeq = 0) {
  const session = reader();
  const { frames, follow } = await process.attachment.attach(ada.id, { generationId, afterSeq });
  for (const frame of frames) session.send(frame);
  if (follow !== null) session.follow(follow.log, follow.afterSeq);
  return session;
}

function ask(process: Process, clientMessageId = `cid-${(ids += 1)}`, conversationId: string | null = null) {
  return process.generations.send({ user: ada, clientMessageId, conversationId, text: 'a question' });
}

async function storedAnswer(process: Process, conversationId: string): Promise<Message> {
  const { items } = await process.conversations.messages(ada.id, conversationId, {});
  const answer = items.find((message) => message.role === 'assistant');
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

beforeEach(() => {
  clock = createFakeClock();
  documents = createMemoryDocuments(collections, () => clock.now());
  model = new ScriptedModel();
});

describe('an answer whose end could not be stored for a long time', () => {
  it('is ended by its own process once the store is back, also where no other process can', async () => {
    const inner = documents;
    let away = false;
    const batch: DocumentStore['batch'] = (operations) =>
      away ? Promise.reject(new StoreUnavailableError('the disk is full')) : inner.batch(operations);
    documents = { ...inner, batch };
    const alone = startProcess();
    await alone.recovery.start(false);
    const { conversation } = await ask(alone);
    const call = await model.nextCall();
    call.text('so far');
    await tick(300);
    away = true;
    call.text(' and on').finish();
    for (let seconds = 0; seconds < 11 * 60; seconds += 1) await tick(1000, 1000);
    away = false;
    await tick(60_000, 1000);
    expect(await storedAnswer(alone, conversation.id)).toMatchObject({ status: 'interrupted', parts: [{ text: 'so far' }] });
    await ask(alone, 'next', conversation.id);
    alone.recovery.stop();
  });
});

describe('a continuation that is asked for while the answer is still being written', () => {
  it('does not begin from what was read before the end: nothing of the answer is lost', async () => {
    const inner = documents;
    let whileRead = () => Promise.resolve();
    const get: DocumentStore['get'] = async (collection, id) => {
      const found = await inner.get<never>(collection, id);
      if (collection === 'messages') await whileRead();
      return found;
    };
    documents = { ...inner, get };
    const process = startProcess();
    const { conversation, answer, generationId } = await ask(process);
    const call = await model.nextCall();
    call.text('all of ', 'it');
    const reader = await attach(process, generationId);
    whileRead = async () => {
      whileRead = () => Promise.resolve();
      call.finish();
      while (reader.end === null) await tick(50);
    };
    const more = process.generations.continueAnswer({ user: ada, clientMessageId: 'more', messageId: answer.id });
    await expect(more).rejects.toMatchObject({ code: 'GENERATION_RUNNING' });
    expect(await storedAnswer(process, conversation.id)).toMatchObject({ status: 'complete', parts: [{ text: 'all of it' }] });
  });

  const inOrder = (inner: DocumentStore): DocumentStore => ({
    ...inner,
    batchIsAtomic: false,
    batch: async (operations) => {
      for (const operation of operations) await inner.batch([operation]);
    },
  });

  it.each([['all or nothing', (inner: DocumentStore) => inner] as const, ['in order', inOrder] as const])(
    'nor from before another one that came and ended in between, in a store that writes %s',
    async (_kind, writing) => {
      const inner = writing(documents);
      let whileRead = () => Promise.resolve();
      const get: DocumentStore['get'] = async (collection, id) => {
        const found = await inner.get<never>(collection, id);
        if (collection === 'messages') await whileRead();
        return found;
      };
      documents = { ...inner, get };
      const process = startProcess();
      const { conversation, answer, generationId } = await ask(process);
      const first = await attach(process, generationId);
      (await model.nextCall()).text('one ').cut();
      while (first.end === null) await tick(50);
      const go = (clientMessageId: string) => process.generations.continueAnswer({ user: ada, clientMessageId, messageId: answer.id });
      whileRead = async () => {
        whileRead = () => Promise.resolve();
        const second = await attach(process, (await go('second')).generationId);
        (await model.nextCall()).text('two ').cut();
        while (second.end === null) await tick(50);
      };
      await expect(go('third')).rejects.toMatchObject({ code: 'GENERATION_RUNNING' });
      expect(await storedAnswer(process, conversation.id)).toMatchObject({ status: 'interrupted', parts: [{ text: 'one two ' }] });
    },
  );
});

describe('an answer that another process writes', () => {
  it('is followed from any point to the same text, without a gap', async () => {
    const [writer, other] = [startProcess(), startProcess()];
    const { generationId } = await ask(writer);
    const call = await model.nextCall();
    const early = await attach(other, generationId);
    call.text('one ', 'two ');
    await tick(600);
    expect(early.text).toBe('one two ');
    const both = await Promise.all([attach(other, generationId), attach(other, generationId, 1)]);
    // Long enough for the text so far to be in the message itself.
    for (let n = 0; n < 40; n += 1) {
      call.text(`word ${n} `);
      await tick(100);
    }
    const late = await attach(startProcess(), generationId);
    // The last words and the end come in one batch.
    call.text('and ', 'the ', 'end').finish();
    await tick(600);
    const text = textOf(early.end ?? { ...({} as Message), parts: [] });
    expect(text.endsWith('and the end')).toBe(true);
    for (const session of [early, late, both[0]]) {
      expect(session.text).toBe(text);
      expect(session.end?.status).toBe('complete');
      expect(session.gaps).toBe(0);
    }
    expect(both[1].text).toBe(text.slice('one '.length));
    const after = await attach(other, generationId, 99);
    expect([after.text, after.end?.status]).toEqual([text, 'complete']);
  });

  it('is somebody’s own: to others it does not exist', async () => {
    const [writer, other] = [startProcess(), startProcess()];
    const { generationId, conversation } = await ask(writer);
    await expect(other.attachment.attach(mallory.id, { generationId, afterSeq: 0 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(other.generations.stop(mallory.id, generationId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await other.generations.stopIn(mallory.id, conversation.id)).toBe(false);
    expect(await other.attachment.logOf(mallory.id, generationId)).toBeNull();
  });

  it.each(['generation', 'conversation'] as const)('is stopped within a second by the %s, and keeps its text', async (by) => {
    const [writer, other] = [startProcess(), startProcess()];
    await writer.recovery.start(true);
    const { generationId, conversation } = await ask(writer);
    const call = await model.nextCall();
    call.text('so far');
    await tick(300);
    if (by === 'generation') await other.generations.stop(ada.id, generationId);
    else expect(await other.generations.stopIn(ada.id, conversation.id)).toBe(true);
    await tick(1000);
    expect(call.signal.aborted).toBe(true);
    const answer = await storedAnswer(other, conversation.id);
    expect([answer.status, textOf(answer)]).toEqual(['stopped', 'so far']);
    await other.generations.stop(ada.id, generationId);
    expect(await other.generations.stopIn(ada.id, conversation.id)).toBe(false);
    writer.recovery.stop();
  });

  it('keeps its conversation busy for every process, and its client id for every process', async () => {
    const [writer, other] = [startProcess(), startProcess()];
    const accepted = await Promise.all([ask(writer, 'the-same'), ask(other, 'the-same')]);
    expect(new Set(accepted.map((one) => one.generationId)).size).toBe(1);
    expect(accepted.filter((one) => one.duplicate)).toHaveLength(1);
    const [{ conversation }] = accepted;
    await expect(ask(other, 'another', conversation.id)).rejects.toMatchObject({ code: 'GENERATION_RUNNING' });
    (await model.nextCall()).text('one answer').finish();
    await tick(300);
    expect(model.calls).toHaveLength(1);
    expect((await ask(other, 'another', conversation.id)).duplicate).toBe(false);
  });
});

describe('a lease', () => {
  it('is kept by a process that lives', async () => {
    const [writer, other] = [startProcess(), startProcess()];
    await Promise.all([writer.recovery.start(true), other.recovery.start(true)]);
    const { generationId, conversation } = await ask(writer);
    const call = await model.nextCall();
    for (let n = 0; n < 24; n += 1) {
      call.text('.');
      await tick(5000);
    }
    expect((await storedAnswer(other, conversation.id)).status).toBe('streaming');
    call.finish();
    await tick(300);
    const session = await attach(other, generationId);
    expect([session.end?.status, session.text]).toEqual(['complete', '.'.repeat(24)]);
    for (const process of [writer, other]) process.recovery.stop();
  });

  it('that ended makes the answer interrupted by 60 s, once, and the zombie changes nothing any more', async () => {
    // Its recovery is not started: it renews nothing, as a process that hangs.
    const zombie = startProcess();
    const survivors = [startProcess(), startProcess(), startProcess()];
    await Promise.all(survivors.map((process) => process.recovery.start(true)));
    const [survivor = startProcess()] = survivors;
    const { generationId, conversation, answer } = await ask(zombie);
    const call = await model.nextCall();
    call.text('said ', 'before');
    await tick(300);
    const session = await attach(survivor, generationId);
    await tick(40_000);
    expect((await storedAnswer(survivor, conversation.id)).status).toBe('streaming');
    await tick(20_000);
    const kept = await storedAnswer(survivor, conversation.id);
    expect([kept.status, textOf(kept)]).toEqual(['interrupted', 'said before']);
    expect([session.end?.status, session.text, session.gaps]).toEqual(['interrupted', 'said before', 0]);

    const continued = await survivor.generations.continueAnswer({ user: ada, clientMessageId: 'on', messageId: answer.id });
    const second = await model.nextCall();
    call.text(' from the grave').finish();
    await tick(6000);
    second.text(' and after').finish();
    await tick(6000);
    const whole = await storedAnswer(survivor, conversation.id);
    expect([whole.status, textOf(whole)]).toEqual(['complete', 'said before and after']);
    const read = await attach(startProcess(), continued.generationId);
    expect(read.text).toBe('said before and after');
    for (const process of survivors) process.recovery.stop();
  });
});
