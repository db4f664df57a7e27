import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../src/lib/clock.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

let app: TestApp;
let model: ScriptedModel;
let ada: Awaited<ReturnType<TestApp['signup']>>;

beforeAll(async () => {
  model = new ScriptedModel();
  app = await startTestApp({ models: [model], env: { LIMIT_SOCKETS_PER_IP: '0', LIMIT_SOCKETS_PER_USER: '0' } });
  ada = await app.signup('Ada');
});
afterAll(() => app.close());

const raw = (options: ConstructorParameters<typeof RawSocket>[1] = {}) => new RawSocket(app.port, options);
const socketUrl = () => `ws://127.0.0.1:${app.port}/ws`;

/** The person at the next desk notices nothing. */
async function expectAlive(): Promise<void> {
  expect((await ada.client.request({ type: 'ping' })).type).toBe('pong');
  expect((await app.request('/healthz')).status).toBe(200);
  expect(ada.client.faults).toEqual([]);
}

describe('a frame that cannot be right', () => {
  afterEach(expectAlive);

  it.each([
    '{bad',
    '',
    'null',
    '7',
    '"text"',
    '[]',
    '{}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":"toString"}',
    '{"type":{"$ne":null}}',
    '{"__proto__":{"type":"ping"}}',
    '{"type":"message.send","clientMessageId":"a","conversationId":{"$gt":""},"text":"x"}',
    '{"type":"generation.attach","generationId":"a.b$c","afterSeq":0}',
    '{"type":"generation.attach","generationId":"a","afterSeq":-1}',
    '{"type":"generation.attach","generationId":"a","afterSeq":1e400}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `{"type":"settings.update","settings":{"model":"${'x'.repeat(200)}"}}`,
    '\uFEFF{"type":"ping"}',
  ])('is answered with an error, and the socket lives on: %.60s', async (text) => {
    const client = await app.connect(ada.token);
    const answer = client.next((frame) => frame.type === 'error');
    client.sendRaw(text);
    expect(await answer).toMatchObject({ type: 'error', code: 'BAD_FRAME' });
    expect((await client.request({ type: 'ping' })).type).toBe('pong');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is answered with the id it carried', async () => {
    const client = await app.connect(ada.token);
    expect(await client.request({ type: 'no.such.thing' })).toMatchObject({ type: 'error', code: 'BAD_FRAME' });
    expect(await client.request({ type: 'message.send', clientMessageId: 'm', text: 5 })).toMatchObject({ code: 'BAD_FRAME' });
    expect(await client.request({ type: 'action.invoke', actionId: 'none' })).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
  });

  it('has no field that makes a person somebody else', async () => {
    const client = await app.connect(ada.token);
    const frame = { type: 'message.send', clientMessageId: 'mass', conversationId: null, text: 'hi' };
    const accepted = await client.request({ ...frame, role: 'system', ownerId: 'x', createdAt: 0, status: 'failed' });
    expect(accepted).toMatchObject({ type: 'message.accepted', message: { role: 'user', status: 'complete' } });
    (await model.nextCall()).text('ok').finish();
  });

  it('of binary data closes with 1003', async () => {
    const client = await app.connect(ada.token);
    client.sendRaw(Buffer.from('{"type":"ping"}'));
    expect((await client.closed).code).toBe(1003);
  });

  it('that is too large closes with 1009', async () => {
    const client = await app.connect(ada.token);
    client.sendRaw(JSON.stringify({ type: 'ping', filler: 'x'.repeat(70_000) }));
    expect((await client.closed).code).toBe(1009);
  });

  it.each([
    ['invalid UTF-8', 1007, (socket: RawSocket) => socket.frame(Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
    ['no mask', 1002, (socket: RawSocket) => socket.frame('{"type":"ping"}', { masked: false })],
    ['a reserved opcode', 1002, (socket: RawSocket) => socket.frame('x', { first: 0x83 })],
    ['reserved bits', 1002, (socket: RawSocket) => socket.frame('x', { first: 0xf1 })],
    ['a close code that does not exist', 1002, (socket: RawSocket) => socket.frame(Buffer.from([0x03, 0xed]), { first: 0x88 })],
    ['a ping longer than 125 bytes', 1002, (socket: RawSocket) => socket.frame('p'.repeat(126), { first: 0x89 })],
    ['a continuation of nothing', 1002, (socket: RawSocket) => socket.frame('x', { first: 0x80 })],
  ] as const)('with %s closes with %i', async (_name, code, send) => {
    const socket = raw();
    expect(await socket.head).toContain('101');
    send(socket);
    expect(await socket.closeCode()).toBe(code);
  });

  it('in hundreds of pieces closes the socket', async () => {
    const socket = raw();
    await socket.head;
    socket.frame('{', { first: 0x01 });
    for (let n = 0; n < 500; n += 1) socket.frame('', { first: 0x00 });
    expect(await socket.closeCode()).toBe(1008);
  });

  it('cut off in the middle by a reset ends nothing but itself', async () => {
    const socket = raw({ headers: { Authorization: `Bearer ${ada.token}` } });
    await socket.head;
    socket.socket.write(Buffer.from([0x81, 0xfe, 0x10]));
    socket.socket.resetAndDestroy();
    await socket.closed;
    for (let n = 0; n < 20; n += 1) raw({ headers: { Authorization: `Bearer ${ada.token}` } }).socket.resetAndDestroy();
  });
});

describe('a handshake', () => {
  afterEach(expectAlive);

  it.each(['/ws/', '/ws/../admin', '/%77s', '//ws', '/WS', '/ws%00', '/', '/api/conversations', '/ws;a=b'])(
    'for %s is refused',
    async (path) => {
      const socket = raw({ path });
      expect(await socket.head).toMatch(/^HTTP\/1\.1 404/);
      await socket.closed;
      expect(socket.received().toString()).toContain('"NOT_FOUND"');
    },
  );

  it.each([
    'https://evil.example',
    'null',
    'file://',
    'HTTP://127.0.0.1',
    'http://127.0.0.1:1',
    'http://127.0.0.1.evil.example',
    'http://localhost.',
    '',
  ])('from the foreign origin %j is refused with 403', async (origin) => {
    const socket = raw({ headers: { Origin: origin, Authorization: `Bearer ${ada.token}` } });
    expect(await socket.head).toMatch(/^HTTP\/1\.1 403/);
  });

  it('from the own origin is let in, in lower case only', async () => {
    const own = raw({ headers: { Origin: app.origin } });
    expect(await own.head).toMatch(/^HTTP\/1\.1 101/);
    own.socket.destroy();
    const shouted = raw({ headers: { Origin: app.origin.toUpperCase() } });
    expect(await shouted.head).toMatch(/^HTTP\/1\.1 403/);
  });

  it.each([{ 'Sec-WebSocket-Version': '7' }, { 'Sec-WebSocket-Key': 'short' }, { Upgrade: 'constructor' }])(
    'with %j is refused',
    async (headers) => {
      const socket = raw({ headers });
      expect(await socket.head).toMatch(/^HTTP\/1\.1 4\d\d/);
      await socket.closed;
    },
  );

  it('does not negotiate an extension, whatever it is called', async () => {
    for (const value of ['constructor', 'permessage-deflate; client_max_window_bits', '__proto__']) {
      const socket = raw({ headers: { 'Sec-WebSocket-Extensions': value } });
      const head = await socket.head;
      expect(head).toMatch(/^HTTP\/1\.1 101/);
      expect(head.toLowerCase()).not.toContain('sec-websocket-extensions');
      socket.socket.destroy();
    }
  });

  it('without an origin ignores the cookie; with the own origin the cookie counts', async () => {
    const cookie = `jarvis_session=${ada.token}`;
    const welcomeWith = async (headers: Record<string, string>) => {
      const socket = new WebSocket(socketUrl(), { headers });
      const welcome = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
      socket.once('open', () => socket.send('{"type":"hello","version":1}'));
      const frame = JSON.parse(await welcome) as { user: { name: string } | null };
      socket.terminate();
      return frame.user;
    };
    expect(await welcomeWith({ Cookie: cookie })).toBeNull();
    expect(await welcomeWith({ Cookie: cookie, Origin: app.origin })).toMatchObject({ name: 'Ada' });
    expect(await welcomeWith({ Authorization: `Bearer ${ada.token}` })).toMatchObject({ name: 'Ada' });
  });
});

describe('somebody who is not signed in', () => {
  it('may ask for help and sign in, and nothing else', async () => {
    const client = await app.connect();
    const help = await client.request({ type: 'command.run', clientMessageId: 'h', name: 'help', args: [] });
    expect(help).toMatchObject({ type: 'notice', code: 'HELP' });
    const refused: Record<string, unknown>[] = [
      { type: 'message.send', clientMessageId: 'a', conversationId: null, text: 'hello' },
      { type: 'conversation.open', conversationId: 'x' },
      { type: 'generation.attach', generationId: 'x', afterSeq: 0 },
      { type: 'generation.stop', generationId: 'x' },
      { type: 'settings.update', settings: {} },
      { type: 'message.regenerate', clientMessageId: 'b', messageId: 'x' },
      { type: 'command.run', clientMessageId: 'c', name: 'convs', args: [] },
      { type: 'command.run', clientMessageId: 'd', name: 'me', args: [] },
    ];
    for (const frame of refused) expect(await client.request(frame)).toMatchObject({ type: 'error', code: 'UNAUTHENTICATED' });
  });

  it('with a token that is not valid is closed with 4401', async () => {
    const client = await WsClient.connect(socketUrl());
    const answer = await client.request({ type: 'hello', version: 1, token: 'no.such.token' });
    expect(answer).toMatchObject({ type: 'error', code: 'UNAUTHENTICATED' });
    expect((await client.closed).code).toBe(4401);
  });

  it('who speaks before hello is told so', async () => {
    const client = await WsClient.connect(socketUrl());
    expect(await client.request({ type: 'command.run', clientMessageId: 'h', name: 'help', args: [] })).toMatchObject({
      code: 'BAD_FRAME',
    });
    client.terminate();
  });
});

describe('a session that ends', () => {
  it('closes its own sockets with 4401 at logout, and leaves the other sessions', async () => {
    const { token, client, user } = await app.signup('Eve');
    const second = await app.connect(token);
    const login = await app.request('/api/auth/login', {
      method: 'POST',
      body: JSON.stringify({ email: user.email, password: 'correct horse battery' }),
    });
    const other = await app.connect(((await login.json()) as { token: string }).token);
    await app.request('/api/auth/logout', { method: 'POST', token });
    expect((await client.closed).code).toBe(4401);
    expect((await second.closed).code).toBe(4401);
    expect((await other.request({ type: 'ping' })).type).toBe('pong');
  });

  it('closes the others with 4401 when the password changes', async () => {
    const { client, user } = await app.signup('Eve');
    const body = JSON.stringify({ email: user.email, password: 'correct horse battery' });
    const login = await app.request('/api/auth/login', { method: 'POST', body });
    const { token } = (await login.json()) as { token: string };
    const kept = await app.connect(token);
    const change = JSON.stringify({ current: 'correct horse battery', next: 'another long horse' });
    expect((await app.request('/api/auth/password', { method: 'POST', token, body: change })).status).toBeLessThan(300);
    expect((await client.closed).code).toBe(4401);
    expect((await kept.request({ type: 'ping' })).type).toBe('pong');
  });

  it('by /logout closes with 4401, and the token is dead', async () => {
    const { client, token } = await app.signup('Eve');
    client.send({ type: 'command.run', clientMessageId: 'out', name: 'logout', args: [] });
    expect((await client.closed).code).toBe(4401);
    expect((await app.request('/api/auth/me', { token })).status).toBe(401);
  });
});

describe('what one person changes', () => {
  it('reaches every other tab: settings of the person and of a conversation', async () => {
    const { client, token } = await app.signup('Eve');
    const tab = await app.connect(token);
    const own = await client.request({ type: 'settings.update', settings: { level: 'deep', temperature: 1 } });
    expect(own).toMatchObject({ type: 'settings.updated', conversationId: null, settings: { level: 'deep', temperature: 1 } });
    expect(await tab.waitFor('settings.updated')).toMatchObject({ settings: { level: 'deep' } });
    const accepted = await client.ask('hello');
    (await model.nextCall()).text('hi').finish();
    await client.finished(accepted.generationId);
    const conversationId = accepted.conversation.id;
    const held = await client.request({ type: 'settings.update', conversationId, settings: { level: 'quick' } });
    expect(held).toMatchObject({ type: 'settings.updated', conversationId, settings: { level: 'quick', temperature: 1 } });
    const back = await client.request({ type: 'settings.update', conversationId, settings: { level: null } });
    expect(back).toMatchObject({ settings: { level: 'deep' } });
    const opened = await tab.request({ type: 'conversation.open', conversationId });
    expect(opened).toMatchObject({ type: 'conversation.opened', settings: { level: 'deep' }, running: [] });
    const stranger = await app.signup('Mallory');
    for (const frame of [
      { type: 'conversation.open', conversationId },
      { type: 'settings.update', conversationId, settings: { level: 'quick' } },
      { type: 'message.regenerate', clientMessageId: 'x1', messageId: accepted.answer.id },
      { type: 'message.continue', clientMessageId: 'x2', messageId: accepted.answer.id },
      { type: 'message.edit', clientMessageId: 'x3', messageId: accepted.message.id, text: 'mine now' },
      { type: 'message.send', clientMessageId: 'x4', conversationId, text: 'mine now' },
      { type: 'message.send', clientMessageId: 'x5', conversationId: null, parentId: accepted.answer.id, text: 'mine now' },
    ]) {
      expect(await stranger.client.request(frame)).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    }
  });
});

describe('too much from one side', () => {
  it('of frames is refused first and closed with 4429 when it goes on', async () => {
    const client = await app.connect(ada.token);
    const answers = await Promise.all(Array.from({ length: 125 }, () => client.request({ type: 'ping' })));
    const refused = answers.filter((answer) => answer.type === 'error');
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', params: { scope: 'frames' } });
    for (let n = 0; n < 300; n += 1) client.send({ type: 'ping' });
    expect((await client.closed).code).toBe(4429);
    await expectAlive();
  });

  it('of reading left undone: the slow reader is dropped, the other one and the answer go on', async () => {
    // The time that a reader has who is too far behind ends when the test says.
    const patience = new Set<() => void>();
    const clock = {
      ...systemClock,
      advance: () => {},
      after(ms: number, run: () => void) {
        if (ms !== 2000) return systemClock.after(ms, run);
        patience.add(run);
        return () => void patience.delete(run);
      },
    };
    const small = await startTestApp({ models: [model], clock, env: { LIMIT_SOCKET_QUEUE_BYTES: '262144' } });
    try {
      const { client, token } = await small.signup();
      const accepted = await client.ask('a very long one');
      const slow = new RawSocket(small.port, { headers: { Authorization: `Bearer ${token}` } });
      await slow.head;
      slow.frame('{"type":"hello","version":1}');
      slow.frame(JSON.stringify({ type: 'conversation.open', conversationId: accepted.conversation.id, id: 'open' }));
      await new Promise<void>((resolve) => {
        const look = () => {
          if (slow.received().includes('conversation.opened')) resolve();
          else slow.socket.once('data', look);
        };
        look();
      });
      slow.socket.pause();
      // Persian letters take two bytes each; the end of an answer carries it whole once more.
      const piece = 'س'.repeat(64 * 1024);
      const pieces = 28;
      let generationId = accepted.generationId;
      for (let round = 0; round < 4; round += 1) {
        if (round > 0) generationId = (await client.ask('more', { conversationId: accepted.conversation.id })).generationId;
        const call = await model.nextCall();
        for (let n = 1; n <= pieces; n += 1) {
          const read = client.next((frame) => frame.type === 'generation.delta' && frame.seq >= n);
          call.text(piece);
          await read;
        }
        call.text('end').finish();
        const finished = await client.finished(generationId);
        expect(finished.status).toBe('complete');
        expect(client.answers.get(generationId)?.text.length).toBe(piece.length * pieces + 3);
      }
      expect(client.faults).toEqual([]);
      for (const end of patience) end();
      slow.socket.resume();
      await slow.closed;
      expect(slow.bytes).toBeLessThan(16_000_000);
      const again = await small.connect(token);
      again.send({ type: 'generation.attach', generationId, afterSeq: 0 });
      await again.finished(generationId);
      expect(again.answers.get(generationId)?.text.length).toBe(piece.length * pieces + 3);
      expect(again.faults).toEqual([]);
    } finally {
      await small.close();
    }
  });
});

describe('a socket as time goes by', () => {
  const clock = createFakeClock(Date.now());
  let timed: TestApp;
  beforeAll(async () => {
    timed = await startTestApp({ models: [new ScriptedModel()], clock });
  });
  afterAll(() => timed.close());
  const connect = () => WsClient.connect(`ws://127.0.0.1:${timed.port}/ws`);

  it('without hello in ten seconds is closed with 4100', async () => {
    const client = await connect();
    clock.advance(9000);
    expect((await client.request({ type: 'ping' })).type).toBe('pong');
    clock.advance(1500);
    expect((await client.closed).code).toBe(4100);
  });

  it('that is anonymous and idle for ten minutes is closed with 4100, though it answers pings', async () => {
    const client = await connect();
    await client.hello();
    for (let n = 0; n < 74; n += 1) {
      clock.advance(8000);
      expect((await client.request({ type: 'ping' })).type).toBe('pong');
    }
    clock.advance(8000);
    expect((await client.closed).code).toBe(4100);
  });

  it('that answers no ping is closed with 4009', async () => {
    const mute = new WebSocket(`ws://127.0.0.1:${timed.port}/ws`, { autoPong: false });
    const pinged = new Promise((resolve) => mute.once('ping', resolve));
    const closed = new Promise<number>((resolve) => mute.once('close', resolve));
    await new Promise((resolve) => mute.once('open', resolve));
    const welcomed = new Promise((resolve) => mute.once('message', resolve));
    mute.send('{"type":"hello","version":1}');
    await welcomed;
    clock.advance(25_000);
    await pinged;
    clock.advance(10_000);
    expect(await closed).toBe(4009);
  });

  it('has the time that the operator gives, 0 for all of it, and is told the limits', async () => {
    const env = { LIMIT_HELLO_MS: '0', LIMIT_PING_MS: '5000', LIMIT_PONG_MS: '2000', LIMIT_CENTS_PER_MONTH: '700' };
    const other = await startTestApp({ models: [new ScriptedModel()], clock, env });
    try {
      const mute = new WebSocket(`ws://127.0.0.1:${other.port}/ws`, { autoPong: false });
      const pinged = new Promise((resolve) => mute.once('ping', resolve));
      const closed = new Promise<number>((resolve) => mute.once('close', resolve));
      await new Promise((resolve) => mute.once('open', resolve));
      const silent = await WsClient.connect(`ws://127.0.0.1:${other.port}/ws`);
      clock.advance(5000);
      await pinged;
      // Its answer to the ping is in before its time is up.
      expect((await silent.request({ type: 'ping' })).type).toBe('pong');
      clock.advance(2000);
      expect(await closed).toBe(4009);
      clock.advance(2999);
      expect((await silent.request({ type: 'ping' })).type).toBe('pong');
      clock.advance(1001);
      expect((await silent.request({ type: 'ping' })).type).toBe('pong');
      const { limits } = await silent.hello();
      expect(limits).toMatchObject({ helloMs: 0, pingMs: 5000, pongMs: 2000, anonymousIdleMs: 600_000, historyMessages: 200 });
      expect(JSON.stringify(limits)).not.toContain('700');
    } finally {
      await other.close();
    }
  });

  it('that goes while its sign-in is under way takes no place among the eight', async () => {
    const { client, user } = await timed.signup();
    const password = 'correct horse battery';
    for (let n = 0; n < 9; n += 1) {
      const hasty = await timed.connect();
      hasty.send({ type: 'command.run', clientMessageId: `hasty-${n}`, name: 'login', args: [user.email, password] });
      hasty.terminate();
      await hasty.closed;
      // Hashed after the one above.
      const body = JSON.stringify({ email: user.email, password });
      expect((await timed.request('/api/auth/login', { method: 'POST', body })).status).toBe(200);
    }
    expect((await client.request({ type: 'ping' })).type).toBe('pong');
  });

  it('is the ninth of a person: the oldest one is closed with 4100 and its frames count no more', async () => {
    const { client, token } = await timed.signup();
    const others = [];
    for (let n = 0; n < 7; n += 1) others.push(await timed.connect(token));
    expect((await client.request({ type: 'ping' })).type).toBe('pong');
    others.push(await timed.connect(token));
    expect((await client.closed).code).toBe(4100);
    for (const other of others) expect((await other.request({ type: 'ping' })).type).toBe('pong');
  });
});

describe('an offer of HTTP/2 in the clear', () => {
  it('is ignored: the request behind it is answered', async () => {
    const offer = new RawSocket(app.port, { path: '/healthz', headers: { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' } });
    await offer.closed;
    expect(await offer.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(offer.received().toString()).toContain('"status":"ok"');
    await expectAlive();
  });
});
