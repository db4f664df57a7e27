import { describe, expect, it } from 'vitest';
import { createRest } from '../../../public/app/state/rest.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const proxyPage = () => new Response('<html>Bad Gateway</html>', { status: 502 });
const own = () => new Response(JSON.stringify({ error: { code: 'STORE_UNAVAILABLE', message: '' } }), { status: 503 });
const fine = () => new Response('{"ok":true}', { status: 200 });

function setup(answers: (call: number) => Response) {
  const clock = createFakeClock();
  const calls: string[] = [];
  const rest = createRest({
    fetch: (path, { method }) => Promise.resolve(answers(calls.push(`${method} ${path}`) - 1)),
    onUnauthenticated: () => {},
    clock,
    random: () => 1,
  });
  /** Lets time pass, with the answers that come in it. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { rest, calls, pass };
}

describe('a request while the host wakes the server up', () => {
  it('is made again with pauses until the server is there', async () => {
    const { rest, calls, pass } = setup((call) => (call < 4 ? proxyPage() : fine()));
    const answer = rest.get('/api/conversations');
    await pass(30);
    await expect(answer).resolves.toEqual({ ok: true });
    expect(calls).toHaveLength(5);
  });

  it('is given up after ninety seconds', async () => {
    const { rest, calls, pass } = setup(proxyPage);
    const answer = rest.get('/api/conversations');
    const ended = expect(answer).rejects.toMatchObject({ code: 'NETWORK' });
    await pass(120);
    await ended;
    expect(calls.length).toBeGreaterThan(8);
    expect(calls.length).toBeLessThan(20);
  });

  it('is made once where a second one could do harm, and where the server itself has answered', async () => {
    const { rest, calls } = setup((call) => (call === 0 ? proxyPage() : own()));
    await expect(rest.post('/api/auth/signup', {})).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(rest.get('/api/conversations')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(calls).toHaveLength(2);
  });

  it('signs in again and again: a sign-in does no harm twice', async () => {
    const { rest, calls, pass } = setup((call) => (call < 2 ? proxyPage() : fine()));
    const answer = rest.post('/api/auth/login', {});
    await pass(10);
    await expect(answer).resolves.toEqual({ ok: true });
    expect(calls).toHaveLength(3);
  });
});
