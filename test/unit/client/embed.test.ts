import { describe, expect, it } from 'vitest';
import { readFromWidget } from '../../../public/app/embed/embed-messages.ts';
import { createHeldToken, fetchWithToken } from '../../../public/app/embed/held-token.ts';
import { socketWithToken } from '../../../public/app/embed/socket-with-token.ts';

const own = 'https://chat.example.com';

function memory() {
  const kept = new Map<string, string>();
  return {
    get: (key: string) => kept.get(key) ?? null,
    set: (key: string, value: string) => kept.set(key, value).size > 0,
    remove: (key: string) => void kept.delete(key),
    keys: () => [...kept.keys()],
  };
}

describe('what the page around the frame says', () => {
  it('is read by name, and anything else is not', () => {
    const options = { locale: 'fa', theme: 'dark', direction: 'rtl' };
    expect(readFromWidget({ jarvis: 'options', options, token: 'a.b-c' })).toEqual({ jarvis: 'options', options, token: 'a.b-c' });
    expect(readFromWidget({ jarvis: 'options', options: { theme: 'pink', direction: 1, evil: 1 } })).toEqual({
      ...{ jarvis: 'options', token: null, options: {} },
    });
    expect(readFromWidget({ jarvis: 'token', token: 'a\r\nX: y' })).toEqual({ jarvis: 'token', token: null });
    const others = [
      null,
      'ready',
      { type: 'token' },
      { jarvis: 'eval' },
      { jarvis: 'theme', theme: 'x' },
      { jarvis: { toString: () => 'token' } },
    ];
    expect(others.map(readFromWidget)).toEqual(others.map(() => null));
  });
});

describe('requests of the frame', () => {
  it('show the token to this server alone, and no cookie to anybody', async () => {
    const token = createHeldToken(memory());
    const sent: (readonly [string, string | null, string])[] = [];
    const plain: typeof fetch = async (input) => {
      const { url, headers, credentials } = new Request(input);
      sent.push([url, headers.get('authorization'), credentials]);
      return Response.json({ token: 'given' });
    };
    const request = fetchWithToken(token, plain, own);
    await request(`${own}/api/auth/me`, { credentials: 'same-origin' });
    await request(`${own}/api/auth/login`, { method: 'POST', body: '{}' });
    await request(`${own}/api/conversations`);
    await request('https://elsewhere.example/x');
    await request(`${own}/api/auth/logout`, { method: 'POST' });
    expect(token.get()).toBeNull();
    await request(`${own}/api/auth/me`);
    expect(sent).toEqual([
      [`${own}/api/auth/me`, null, 'omit'],
      [`${own}/api/auth/login`, null, 'omit'],
      [`${own}/api/conversations`, 'Bearer given', 'omit'],
      ['https://elsewhere.example/x', null, 'same-origin'],
      [`${own}/api/auth/logout`, 'Bearer given', 'omit'],
      [`${own}/api/auth/me`, null, 'omit'],
    ]);
  });

  it('keep the token for the next page of the tab', () => {
    const tab = memory();
    createHeldToken(tab).set('kept');
    expect(createHeldToken(tab).get()).toBe('kept');
  });
});

describe('the socket of the frame', () => {
  const welcome = JSON.stringify({ type: 'welcome', user: { id: 'of a cookie' } });
  function open(held: string | null) {
    const token = createHeldToken(memory());
    token.set(held);
    const sent: string[] = [];
    const heard: string[] = [];
    let say: (data: string) => void = () => {};
    const link = socketWithToken(token, ({ message }) => {
      say = message;
      return { send: (data) => void sent.push(data), close: () => {} };
    })({ open: () => {}, message: (data) => void heard.push(data), close: () => {} });
    link.send(JSON.stringify({ type: 'hello', version: 1 }));
    link.send('{"type":"ping"}');
    say(welcome);
    return { sent: sent.map((frame): unknown => JSON.parse(frame)), heard: heard.map((frame): unknown => JSON.parse(frame)) };
  }

  it('says hello with the token', () => {
    expect(open('t')).toEqual({ sent: [{ type: 'hello', version: 1, token: 't' }, { type: 'ping' }], heard: [JSON.parse(welcome)] });
  });

  it('is nobody without one, whatever a cookie says', () => {
    expect(open(null)).toEqual({ sent: [{ type: 'hello', version: 1 }, { type: 'ping' }], heard: [{ type: 'welcome', user: null }] });
  });
});
