import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { textOf } from '../support/ws-client.ts';
import { fault } from './fault.ts';
import { said, untruth } from './oracle.ts';
import type { World } from './world.ts';

/** A disk that takes nothing more: the kernel refuses every write of the process to a file. Linux. */
function writable(world: World, yes: boolean): void {
  execFileSync('prlimit', ['--pid', String(world.server.pid), `--fsize=${yes ? 'unlimited' : '0'}:unlimited`]);
}

fault(
  '49',
  'on a disk that cannot be written, nothing is acknowledged, the error is clear, and the same message is taken once when it can',
  async (world) => {
    const tab = await world.tab();
    const accepted = await tab.ask('before');
    await tab.finished(accepted.generationId);
    const message = { type: 'message.send', clientMessageId: 'full', conversationId: accepted.conversation.id, text: 'while it is full' };
    writable(world, false);
    for (let n = 0; n < 3; n += 1) expect(await tab.request(message)).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE' });
    expect((await world.messages(accepted.conversation.id)).map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect((await world.request('/healthz')).status).toBe(200);
    writable(world, true);
    await expect.poll(async () => (await tab.request(message)).type, { timeout: 10_000 }).toBe('message.accepted');
    expect((await world.allMessages()).filter((one) => textOf(one) === message.text)).toHaveLength(1);
  },
);

fault('32', 'a frame whose handler fails is answered with its id, and the socket goes on', async (world) => {
  const tab = await world.tab();
  writable(world, false);
  const failed = await tab.request({ type: 'settings.update', settings: { level: 'quick' } });
  expect(failed).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE' });
  writable(world, true);
  expect(await tab.request({ type: 'ping' })).toMatchObject({ type: 'pong' });
});

fault('51', 'a disk that is full for a while in the middle of an answer costs the answer nothing', async (world) => {
  world.oracle.answers('through the gap', (call) => [...said(call, 120, 10), { finish: 'STOP' }]);
  const tab = await world.tab();
  const { generationId } = await tab.ask('through the gap');
  await tab.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq >= 10);
  writable(world, false);
  await tab.waitFor('generation.delta', (frame) => frame.generationId === generationId && frame.seq >= 60);
  writable(world, true);
  const end = await tab.finished(generationId);
  expect(end.status).toBe('complete');
  expect(untruth(textOf(end.message), true, world.oracle)).toBeNull();
});
