import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchParent } from '../../src/lib/parent-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells once when the parent of a server started through npm is gone', () => {
  const watched = { ppid: 100, env: { npm_lifecycle_event: 'start' } };
  let told = 0;
  watchParent(
    () => {
      told += 1;
    },
    watched,
    () => null,
  );
  vi.advanceTimersByTime(10_000);
  expect(told).toBe(0);
  watched.ppid = 1;
  vi.advanceTimersByTime(1_000);
  expect(told).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(told).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells when npm itself is gone and its shell still waits', () => {
  let grandparent: number | null = 50;
  let told = 0;
  const watched = { ppid: 100, env: { npm_lifecycle_event: 'start' } };
  const count = () => {
    told += 1;
  };
  watchParent(count, watched, () => grandparent);
  vi.advanceTimersByTime(5_000);
  expect(told).toBe(0);
  grandparent = 1;
  vi.advanceTimersByTime(2_000);
  expect(told).toBe(1);
});

it('watches nothing when the server was not started through npm', () => {
  watchParent(() => expect.unreachable(), { ppid: 1, env: {} });
  expect(vi.getTimerCount()).toBe(0);
});

it('is silent after it was stopped', () => {
  const watched = { ppid: 100, env: { npm_lifecycle_event: 'start' } };
  const stop = watchParent(
    () => expect.unreachable(),
    watched,
    () => null,
  );
  stop();
  watched.ppid = 1;
  vi.advanceTimersByTime(5_000);
  expect(vi.getTimerCount()).toBe(0);
});
