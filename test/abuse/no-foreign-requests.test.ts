import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, frame, handshake } from './support/attack.ts';
import { startVictim, type Victim } from './support/victim.ts';

/** A server that must never be asked for anything. */
const asked: string[] = [];
const bait = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.end();
});

let victim: Victim;
let port = 0;
beforeAll(async () => {
  bait.listen(0, '127.0.0.1');
  await once(bait, 'listening');
  // A TCP server has an address of this kind.
  port = (bait.address() as AddressInfo).port;
  victim = await startVictim();
});
afterAll(async () => {
  await victim.dispose();
  bait.close();
});

const forms = (port: number) => [
  `http://127.0.0.1:${port}/a`,
  `http://0x7f.1:${port}/b`,
  `http://2130706433:${port}/c`,
  `http://[::ffff:127.0.0.1]:${port}/d`,
  `//127.0.0.1:${port}/e`,
];

describe('M-SS: an address that somebody writes', () => {
  it('is asked for by nobody, wherever it stands', async () => {
    for (const [at, url] of forms(port).entries()) {
      const text = `![x](${url}?d=SECRET) <img src="${url}"> [a](${url})`;
      expect((await frame(victim, { type: 'message.send', clientMessageId: `ss-${at}`, conversationId: null, text })).outcome).toBe(
        'message.accepted',
      );
      await call(victim, '/api/conversations', { method: 'POST', body: JSON.stringify({ title: url }) });
      await call(victim, '/api/settings', { method: 'PATCH', body: JSON.stringify({ settings: { systemInstruction: text } }) });
      await frame(victim, { type: 'message.send', clientMessageId: `ssf-${at}`, conversationId: null, text: 'x', attachments: [url] });
      await call(victim, '/api/models', {
        headers: { referer: url, 'x-forwarded-host': url, forwarded: `host=${url}`, 'x-original-url': url },
      });
      await handshake(victim, { headers: { Referer: url, 'X-Forwarded-Host': `127.0.0.1:${port}` } });
    }
    await Promise.all(victim.gemini.requests.map((request) => request.completed));
    expect(asked).toEqual([]);
    expect(await victim.isWell()).toBe(true);
  });
});
