import { afterEach, expect, it } from 'vitest';
import type { Logger } from '../../../src/lib/logger.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const MB = 1_048_576;
let app: TestApp | undefined;
afterEach(() => app?.close());

it('sheds the reader that holds memory when that is scarce, keeps the others, and recovers', async () => {
  const model = new ScriptedModel();
  const lines: string[] = [];
  const logger: Logger = {
    debug() {},
    info: (fields, message) => lines.push(`${message} ${String(fields['state'])}`),
    warn: (fields, message) => lines.push(`${message} ${String(fields['state'] ?? fields['count'])}`),
    error() {},
    child: () => logger,
  };
  let used = 100 * MB;
  // No cap of its own: the reader may fall behind as far as it likes.
  const env = { LIMIT_MEMORY_MB: '512', LIMIT_SOCKET_QUEUE_BYTES: '0', LIMIT_SOCKET_QUEUE_EVENTS: '0' };
  app = await startTestApp({ models: [model], env, logger, measureMemory: async () => used });
  const { client, token } = await app.signup();
  const accepted = await client.ask('a very long one');
  const slow = new RawSocket(app.port, { headers: { Authorization: `Bearer ${token}` } });
  await slow.head;
  slow.frame('{"type":"hello","version":1}');
  slow.frame(JSON.stringify({ type: 'conversation.open', conversationId: accepted.conversation.id, id: 'open' }));
  await expect.poll(() => slow.received().includes('conversation.opened'), { interval: 5 }).toBe(true);
  slow.socket.pause();
  // More than what the system itself holds for a connection; Persian letters take two bytes each.
  const piece = 'س'.repeat(64 * 1024);
  let { generationId } = accepted;
  for (let round = 0; round < 4; round += 1) {
    if (round > 0) generationId = (await client.ask('more', { conversationId: accepted.conversation.id })).generationId;
    const call = await model.nextCall();
    for (let n = 1; n <= 28; n += 1) {
      const read = client.next((frame) => frame.type === 'generation.delta' && frame.seq >= n);
      call.text(piece);
      await read;
    }
    call.finish();
    expect((await client.finished(generationId)).status).toBe('complete');
  }
  used = 465 * MB;
  await expect.poll(() => lines).toContain('slow sockets were closed to free memory 1');
  expect(lines).toContain('memory runs short scarce');
  slow.socket.resume();
  await slow.closed;
  used = 100 * MB;
  await expect.poll(() => lines).toContain('memory recovers normal');
  expect(client.faults).toEqual([]);
});
