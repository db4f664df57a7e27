import { describe, expect, it } from 'vitest';
import { createConnection } from '../../../public/app/state/connection.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createFakeSockets, welcomeFrame } from '../../support/client/fake-socket.ts';

function setup() {
  const clock = createFakeClock();
  const server = createFakeSockets();
  const hellos: boolean[] = [];
  const connection = createConnection({
    openSocket: server.openSocket,
    clock,
    random: () => 1,
    isOnline: () => true,
    hello: (fresh) => {
      hellos.push(fresh);
      return {};
    },
  });
  const join = () => {
    server.last().open();
    server.last().deliver(welcomeFrame());
  };
  return { clock, server, connection, hellos, join };
}

describe('the connection', () => {
  it('says hello first and is online only after welcome', () => {
    const { server, connection, join } = setup();
    connection.start();
    server.last().open();
    expect(server.last().sent.map((frame) => frame.type)).toEqual(['hello']);
    expect(connection.status.value.state).toBe('connecting');
    join();
    expect(connection.status.value.state).toBe('online');
  });

  it('comes back with growing pauses and resumes after 4001', () => {
    const { clock, server, connection, hellos, join } = setup();
    connection.start();
    join();
    server.last().drop(4001);
    expect(connection.status.value.state).toBe('reconnecting');
    clock.advance(299);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1);
    expect(server.sockets).toHaveLength(2);
    server.last().drop(1006);
    clock.advance(599);
    expect(server.sockets).toHaveLength(2);
    clock.advance(1);
    expect(server.sockets).toHaveLength(3);
    join();
    expect(hellos).toEqual([false, false]);
  });

  it('forgets what it followed after 4100 to 4199', () => {
    const { clock, server, connection, hellos, join } = setup();
    connection.start();
    join();
    server.last().drop(4101);
    clock.advance(1000);
    join();
    expect(hellos).toEqual([false, true]);
  });

  it.each([4401, 4403, 4429])('stays away after %i', (code) => {
    const { clock, server, connection, join } = setup();
    connection.start();
    join();
    server.last().drop(code);
    clock.advance(600_000);
    expect(connection.status.value).toEqual({ state: 'stopped', stopCode: code });
    expect(server.sockets).toHaveLength(1);
  });

  it('waits as long as a draining server asks', () => {
    const { clock, server, connection, join } = setup();
    connection.start();
    join();
    server.last().deliver({ type: 'draining', afterMs: 4000 });
    server.last().drop(4001);
    clock.advance(3999);
    expect(server.sockets).toHaveLength(1);
    clock.advance(1);
    expect(server.sockets).toHaveLength(2);
  });

  it('says that the server is waking after five seconds and does not answer after ninety, and goes on trying for minutes', () => {
    const { clock, server, connection, join } = setup();
    connection.start();
    server.last().drop(1006);
    let tried = 0;
    const said: string[] = [];
    for (let second = 1; second <= 120; second += 1) {
      clock.advance(1000);
      if (said.at(-1) !== connection.status.value.state) said.push(connection.status.value.state);
      if (server.sockets.length > tried + 1) {
        tried = server.sockets.length - 1;
        server.last().drop(1006);
      }
    }
    expect(said).toEqual(['reconnecting', 'waking', 'unreachable']);
    expect(tried).toBeGreaterThan(10);
    clock.advance(15_000);
    join();
    expect(connection.status.value.state).toBe('online');
  });

  it('asks a silent server for a sign of life and leaves it when none comes', () => {
    const { clock, server, connection, join } = setup();
    connection.start();
    join();
    clock.advance(40_000);
    expect(server.last().sent.at(-1)).toEqual({ type: 'ping' });
    clock.advance(10_000);
    expect(server.sockets[0]?.closedByClient).toBe(true);
    clock.advance(300);
    expect(server.sockets).toHaveLength(2);
  });

  it('keeps a silent server that answers the ping', () => {
    const { clock, server, connection, join } = setup();
    connection.start();
    join();
    clock.advance(40_000);
    clock.advance(5_000);
    server.last().deliver({ type: 'pong' });
    clock.advance(30_000);
    expect(server.sockets).toHaveLength(1);
    expect(connection.status.value.state).toBe('online');
  });

  it('matches answers to requests and fails those that the socket takes with it', async () => {
    const { server, connection, join } = setup();
    connection.start();
    join();
    const answered = connection.request({ type: 'ping', id: 'a' });
    const lost = connection.request({ type: 'ping', id: 'b' });
    server.last().deliver({ type: 'pong', replyTo: 'a' });
    server.last().drop(1006);
    await expect(answered).resolves.toMatchObject({ type: 'pong' });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('ignores late words of a socket that it has left', () => {
    const { clock, server, connection, join } = setup();
    connection.start();
    join();
    const old = server.last();
    old.drop(1006);
    clock.advance(300);
    old.deliver(welcomeFrame());
    expect(connection.status.value.state).toBe('reconnecting');
  });
});
