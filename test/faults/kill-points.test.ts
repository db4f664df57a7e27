import { expect } from 'vitest';
import { textOf } from '../support/ws-client.ts';
import { fault } from './fault.ts';
import { said, untruth } from './oracle.ts';

const send = (clientMessageId: string, text: string, conversationId: string | null = null) => ({
  type: 'message.send',
  clientMessageId,
  conversationId,
  text,
});

fault(
  '02',
  'killed between the frame and the write, the message is not there, and the retry creates it once',
  async (world) => {
    let before = 0;
    // From "the frame is on its way" to "it is stored": each kill hits another place, and each retry must end the same.
    for (let n = 0; n < 5; n += 1) {
      const tab = await world.tab();
      const message = send(`between-${n}`, `between ${n}`);
      tab.send({ ...message, id: 'lost' });
      const due = performance.now() + n;
      while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
      await world.kill();
      await tab.closed;
      await world.start();
      const stored = (await world.allMessages()).filter((one) => textOf(one) === message.text).length;
      if (stored === 0) before += 1;
      expect(stored).toBeLessThanOrEqual(1);
      const again = await (await world.tab()).request(message);
      expect(again).toMatchObject({ type: 'message.accepted', duplicate: stored === 1 });
      expect((await world.allMessages()).filter((one) => textOf(one) === message.text)).toHaveLength(1);
    }
    expect(before).toBeGreaterThan(0);
  },
  90_000,
);

fault(
  '03',
  'killed after the acknowledgement and before the model is called, the message waits with an interrupted answer of no text',
  async (world) => {
    world.upstream.blackhole();
    const tab = await world.tab();
    const accepted = await tab.ask('never asked');
    await world.kill();
    await world.upstream.resume();
    expect(world.oracle.asked('never asked')).toEqual([]);
    await world.start();
    const messages = await world.messages(accepted.conversation.id);
    expect(messages.map((message) => [message.role, message.status, textOf(message)])).toEqual([
      ['assistant', 'interrupted', ''],
      ['user', 'complete', 'never asked'],
    ]);
    const back = await world.tab();
    const retried = await back.request({ type: 'message.regenerate', clientMessageId: 'retry-03', messageId: accepted.answer.id });
    if (retried.type !== 'message.accepted') throw new Error(JSON.stringify(retried));
    expect((await back.finished(retried.generationId)).status).toBe('complete');
  },
);

fault('07', 'an acknowledgement that the wire swallowed is replaced by that of the repeat on another socket', async (world) => {
  const message = send('swallowed', 'did you hear me?');
  const wire = await world.newWire();
  const swallowed = wire.cut({ atFrame: (frame) => frame.includes('message.accepted'), share: 0, how: 'silence' });
  (await world.tab({ wire })).send(message);
  await swallowed;
  const again = await (await world.tab()).request(message);
  expect(again).toMatchObject({ type: 'message.accepted', duplicate: true });
  await world.oracle.arrived(message.text);
  expect(world.oracle.asked(message.text)).toHaveLength(1);
  await wire.close();
});

fault('08', 'the same message from two tabs in the same moment is one, with the same ids for both', async (world) => {
  const tabs = await Promise.all([world.tab(), world.tab()]);
  for (let n = 0; n < 10; n += 1) {
    const message = send(`both-${n}`, `from both ${n}`);
    const answers = await Promise.all(tabs.map((tab) => tab.request(message)));
    const accepted = answers.flatMap((answer) => (answer.type === 'message.accepted' ? [answer] : []));
    expect(accepted.filter(({ duplicate }) => duplicate)).toHaveLength(1);
    expect(new Set(accepted.map(({ generationId }) => generationId)).size).toBe(1);
    await tabs[0].finished(accepted[0]?.generationId ?? '');
    expect(world.oracle.asked(message.text)).toHaveLength(1);
  }
});

fault(
  '17',
  'resumed with the epoch of a killed server, the reader gets a snapshot, replaces its text and is told the end',
  async (world) => {
    world.oracle.answers('a long one', (call) => said(call, 400, 10));
    const before = await world.tab();
    const { generationId } = await before.ask('a long one');
    await before.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq >= 60);
    await world.kill();
    await before.closed;
    await world.start();
    const after = await world.reconnect(before, 'resume');
    const end = await after.finished(generationId);
    const answer = after.answers.get(generationId);
    expect([end.status, answer?.snapshots]).toEqual(['interrupted', 1]);
    expect(answer?.text).toBe(textOf(end.message));
    expect(untruth(answer?.text ?? '', false, world.oracle)).toBeNull();
  },
);

fault(
  '36',
  'killed in the middle of an answer, all but the last moment of it is kept and marked interrupted when the server is back',
  async (world) => {
    world.oracle.answers('keep what I saw', (call) => said(call, 600, 5));
    const tab = await world.tab();
    const { generationId, conversation } = await tab.ask('keep what I saw');
    const seen: { at: number; length: number }[] = [];
    tab.socket.on('message', () => seen.push({ at: performance.now(), length: tab.answers.get(generationId)?.text.length ?? 0 }));
    await tab.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq >= 400);
    const killedAt = performance.now();
    await world.kill();
    await world.start();
    const [answer] = await world.messages(conversation.id);
    expect(answer?.status).toBe('interrupted');
    const kept = answer === undefined ? '' : textOf(answer);
    // 200 ms, and the write that was under way on a busy machine.
    const certain = seen.filter(({ at }) => at <= killedAt - 1000).at(-1)?.length ?? 0;
    expect(certain).toBeGreaterThan(100);
    expect(kept.length).toBeGreaterThanOrEqual(certain);
    expect(untruth(kept, false, world.oracle)).toBeNull();
  },
);
