import { expect } from 'vitest';
import { fault } from './fault.ts';

fault('01', 'killed after the write and before its acknowledgement, a message is stored and answered once', async (world) => {
  const message = { type: 'message.send', clientMessageId: 'm1', conversationId: null, text: 'hello' };
  const swallowed = world.wire.cut({ atFrame: (frame) => frame.includes('message.accepted'), share: 0 });
  (await world.tab()).send(message);
  await swallowed.then(() => world.kill());
  await world.start();
  expect(await (await world.tab()).request(message)).toMatchObject({ type: 'message.accepted', duplicate: true });
  expect((await world.allMessages()).map((stored) => stored.role)).toEqual(['assistant', 'user']);
});
