import { describe, expect, it } from 'vitest';
import { drawPlot, nearest, plotHeight, plotWidth, pointsOf, roundUp } from '../../../public/app/admin/plot-path.ts';
import { parseCents } from '../../../public/app/state/amounts.ts';
import { createOverview } from '../../../public/app/state/overview.ts';
import { createOwnSessions } from '../../../public/app/state/own-sessions.ts';
import { createPeople } from '../../../public/app/state/people.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Rest } from '../../../public/app/state/rest.ts';
import { sessionName } from '../../../public/app/state/session-name.ts';
import type { AccountInfo, Overview, SessionInfo } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const at = '2026-11-22T12:00:00.000Z';
const total = { requests: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
const account = (id: string, more: Partial<AccountInfo> = {}): AccountInfo => ({
  ...{
    id,
    name: id,
    email: `${id}@example.org`,
    role: 'user',
    disabled: false,
    createdAt: at,
    lastSeenAt: at,
    sessions: 2,
    thisMonth: total,
  },
  budget: { centsPerDay: null, centsPerMonth: null },
  ...more,
});
const overview: Overview = {
  ...{ at, version: '0.1.0', uptimeSeconds: 1, store: { kind: 'embedded', ready: true }, ready: true, reasons: [] },
  numbers: { sockets: 1 },
  series: { at: [at], values: { sockets: [1] } },
};

interface Call {
  readonly what: string;
  resolve(value: unknown): void;
  reject(error: RequestError): void;
}

/** REST whose answers the test gives by hand. */
function createHandRest() {
  const calls: Call[] = [];
  const ask =
    (method: string) =>
    (path: string, body?: unknown): Promise<never> =>
      new Promise((resolve, reject) => {
        const what = body === undefined ? `${method} ${path}` : `${method} ${path} ${JSON.stringify(body)}`;
        calls.push({ what, resolve: (value) => resolve(value as never), reject });
      });
  const rest: Rest = { get: ask('GET'), post: ask('POST'), patch: ask('PATCH'), put: ask('PUT'), remove: ask('DELETE') };
  const last = () => {
    const call = calls.at(-1);
    if (call === undefined) throw new Error('nothing was asked for');
    return call;
  };
  return { rest, calls, last };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the numbers of the overview', () => {
  function setup() {
    const clock = createFakeClock();
    const server = createHandRest();
    return { clock, ...server, store: createOverview({ rest: server.rest, clock }) };
  }

  it('are asked for every ten seconds while the page is seen, and not while it is hidden', async () => {
    const { store, clock, calls, last } = setup();
    store.setVisible(true);
    last().resolve({ overview });
    await settle();
    expect(store.view.value).toEqual({ overview, error: null });
    clock.advance(9999);
    expect(calls).toHaveLength(1);
    clock.advance(1);
    expect(calls.map(({ what }) => what)).toEqual(['GET /api/admin/overview', 'GET /api/admin/overview']);
    store.setVisible(false);
    last().resolve({ overview });
    await settle();
    clock.advance(60_000);
    expect(calls).toHaveLength(2);
    store.setVisible(true);
    expect(calls).toHaveLength(3);
  });

  it('stay shown as old ones when the server cannot be reached', async () => {
    const { store, clock, last } = setup();
    store.setVisible(true);
    last().resolve({ overview });
    await settle();
    clock.advance(10_000);
    last().reject(new RequestError('NETWORK'));
    await settle();
    expect(store.view.value).toMatchObject({ overview, error: { code: 'NETWORK' } });
    clock.advance(10_000);
    last().resolve({ overview: { ...overview, version: '0.2.0' } });
    await settle();
    expect(store.view.value).toMatchObject({ overview: { version: '0.2.0' }, error: null });
  });

  it('are left alone after the page was closed', async () => {
    const { store, clock, calls, last } = setup();
    store.setVisible(true);
    store.stop();
    last().resolve({ overview });
    await settle();
    expect(store.view.value.overview).toBeNull();
    clock.advance(60_000);
    expect(calls).toHaveLength(1);
  });
});

describe('the accounts', () => {
  async function setup(items: readonly AccountInfo[], nextCursor: string | null = null) {
    const clock = createFakeClock();
    const server = createHandRest();
    const people = createPeople({ rest: server.rest, clock });
    void people.load();
    server.last().resolve({ items, nextCursor });
    await settle();
    return { clock, people, ...server };
  }

  it('come page by page, nobody twice', async () => {
    const { people, last } = await setup([account('a'), account('b')], 'next/1');
    const more = people.loadMore();
    expect(last().what).toBe('GET /api/admin/users?limit=25&cursor=next%2F1');
    last().resolve({ items: [account('b'), account('c')], nextCursor: null });
    await more;
    expect(people.view.value.items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(people.view.value.nextCursor).toBeNull();
  });

  it('are searched a moment after the last key, and a late answer to an older question is dropped', async () => {
    const { people, clock, calls, last } = await setup([account('a')]);
    people.search('An');
    clock.advance(250);
    const older = last();
    people.search('Anna');
    clock.advance(249);
    expect(calls).toHaveLength(2);
    clock.advance(1);
    expect(last().what).toBe('GET /api/admin/users?limit=25&q=anna');
    last().resolve({ items: [account('anna')], nextCursor: null });
    await settle();
    older.resolve({ items: [account('andy')], nextCursor: null });
    await settle();
    expect(people.view.value.items.map(({ id }) => id)).toEqual(['anna']);
  });

  it('show a change at once, and the answer of the server when it comes', async () => {
    const { people, last } = await setup([account('a')]);
    const change = people.change('a', { disabled: true });
    expect(people.view.value.items[0]).toMatchObject({ disabled: true, sessions: 2 });
    expect(last().what).toBe('PATCH /api/admin/users/a {"disabled":true}');
    last().resolve({ account: account('a', { disabled: true, sessions: 0 }) });
    await change;
    expect(people.view.value.items[0]).toMatchObject({ disabled: true, sessions: 0 });
  });

  it('take a change back that the server refuses', async () => {
    const { people, last } = await setup([account('a', { role: 'admin' })]);
    const change = people.change('a', { role: 'user' });
    expect(people.view.value.items[0]?.role).toBe('user');
    last().reject(new RequestError('LAST_ADMIN'));
    await expect(change).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    expect(people.view.value.items[0]?.role).toBe('admin');
  });

  it('keep what came from the server while a refused change was under way', async () => {
    const { people, calls } = await setup([account('a')]);
    const first = people.change('a', { disabled: true });
    const second = people.change('a', { budget: { centsPerDay: 500 } });
    calls[2]?.resolve({ account: account('a', { budget: { centsPerDay: 500, centsPerMonth: null }, sessions: 7 }) });
    await second;
    calls[1]?.reject(new RequestError('LAST_ADMIN'));
    await expect(first).rejects.toThrow();
    expect(people.view.value.items[0]).toMatchObject({ sessions: 7, budget: { centsPerDay: 500 } });
  });
});

describe('the own sessions', () => {
  const session = (id: string, more: Partial<SessionInfo> = {}): SessionInfo => ({
    ...{ id, label: id, current: false, createdAt: at, lastSeenAt: at, expiresAt: at },
    ...more,
  });

  async function setup() {
    const server = createHandRest();
    const store = createOwnSessions({ rest: server.rest });
    void store.load();
    server.last().resolve({ items: [session('old'), session('here', { current: true }), session('phone')], nextCursor: null });
    await settle();
    const ids = () => store.items.value?.map(({ id }) => id);
    return { store, ids, ...server };
  }

  it('begin with this one', async () => {
    const { ids } = await setup();
    expect(ids()).toEqual(['here', 'old', 'phone']);
  });

  it('are gone at once, and back when the server does not end them', async () => {
    const { store, ids, last } = await setup();
    const end = store.endOthers();
    expect(ids()).toEqual(['here']);
    expect(last().what).toBe('DELETE /api/auth/sessions');
    last().reject(new RequestError('STORE_UNAVAILABLE'));
    await expect(end).rejects.toThrow();
    expect(ids()).toEqual(['here', 'old', 'phone']);
  });

  it('stay gone when one had ended already', async () => {
    const { store, ids, last } = await setup();
    const end = store.end('phone');
    last().reject(new RequestError('NOT_FOUND'));
    await end;
    expect(ids()).toEqual(['here', 'old']);
  });

  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0',
      'Edge, Windows',
    ],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1', 'Safari, iPhone'],
    ['curl/8.4.0', 'curl/8.4.0'],
    ['', null],
  ])('are named by browser and system: %s', (label, name) => {
    expect(sessionName(label)).toBe(name);
  });
});

describe('a plot', () => {
  const start = Date.parse(at);
  const points = (values: readonly (number | null)[]) => values.map((value, index) => ({ at: start + index * 10_000, value }));

  it('goes from left to right and leaves a gap where nothing was measured', () => {
    const plot = drawPlot(points([...Array<number>(200).fill(5), null, null, ...Array<number>(159).fill(10)]));
    expect(plot?.line.match(/M/g)).toHaveLength(2);
    expect(plot).toMatchObject({ lowest: 5, highest: 10, top: 10, from: start, to: start + 3_600_000 });
    const xs = [...(plot?.line.matchAll(/[ML]([\d.]+) /g) ?? [])].map(([, x]) => Number(x));
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
    expect([xs[0], xs.at(-1)]).toEqual([0, plotWidth]);
  });

  it('of a young server stands at the right: a minute is shown at least', () => {
    const plot = drawPlot(points([null, 1, 3]));
    expect(plot?.from).toBe(start + 20_000 - 60_000);
    expect(plot?.line.startsWith(`M${(plotWidth - plotWidth / 6).toFixed(1)} `)).toBe(true);
  });

  it('stays inside its box when all values are nought', () => {
    const ys = [...(drawPlot(points([0, 0, 0]))?.line.matchAll(/ ([\d.]+)/g) ?? [])].map(([, y]) => Number(y));
    expect(ys.every((y) => y > 0 && y < plotHeight)).toBe(true);
  });

  it('needs two values', () => {
    expect(drawPlot([])).toBeNull();
    expect(drawPlot(points([null, 4]))).toBeNull();
  });

  it('takes its points from the series by name', () => {
    const series = { at: [at, at], values: { sockets: [1, null] } };
    const overview = { series, numbers: { sockets: 5 }, at };
    expect(pointsOf(overview, 'sockets')).toEqual([
      { at: start, value: 1 },
      { at: start, value: null },
    ]);
    expect(pointsOf(overview, 'unknown').every(({ value }) => value === null)).toBe(true);
    const later = new Date(start + 7000).toISOString();
    expect(pointsOf({ ...overview, at: later }, 'sockets').at(-1)).toEqual({ at: start + 7000, value: 5 });
    expect(pointsOf({ ...overview, at: later }, 'unknown')).toHaveLength(2);
  });

  it('finds the value nearest to a moment', () => {
    expect(nearest(points([1, null, 3]), start + 11_000)?.value).toBe(3);
    expect(nearest(points([null, null]), start)).toBeNull();
  });

  it.each([
    [0, 1],
    [0.3, 0.5],
    [1, 1],
    [1.2, 2],
    [7, 10],
    [43, 50],
    [2_000_001, 5_000_000],
  ])('ends its scale of %d at %d', (value, top) => {
    expect(roundUp(value)).toBeCloseTo(top, 9);
  });
});

describe('a sum in dollars', () => {
  it.each([
    ['2.50', 250],
    ['2,5', 250],
    ['$ 3', 300],
    ['۲٫۵۰', 250],
    ['١٢', 1200],
    ['0', 0],
    ['', null],
    ['-1', null],
    ['1.234', null],
    ['many', null],
  ])('%s', (typed, cents) => {
    expect(parseCents(typed)).toBe(cents);
  });
});
