import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, expect, it } from 'vitest';
import { type AddressSelfTest, createAddressSelfTest } from '../../../src/gateway/http/address-self-test.ts';
import { type ClientAddressSource, createClientAddress } from '../../../src/gateway/http/client-address.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server whose own public address leads through a proxy that writes `x-real-ip` and appends to `x-forwarded-for`, and nothing else. */
async function behindProxy(source: ClientAddressSource): Promise<AddressSelfTest> {
  const app = express();
  const server = await serve(app);
  const proxy = await serve((request, response) => {
    const chain = [request.headers['x-forwarded-for'], '203.0.113.5'].filter((part) => part !== undefined).join(', ');
    const headers = { ...request.headers, 'x-real-ip': '203.0.113.5', 'x-forwarded-for': chain };
    const onward = ask(`${server}${request.url}`, { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  const address = createClientAddress({ source, publicUrl: proxy, production: true });
  const test = createAddressSelfTest({ publicUrl: proxy, address, clock: createFakeClock(), logger: silentLogger });
  app.use(test.observe, (_request, response) => void response.end());
  return test;
}

it.each([
  [{ kind: 'header', name: 'x-real-ip' }, 'ok', undefined],
  [{ kind: 'hops', count: 1 }, 'ok', undefined],
  [{ kind: 'direct' }, 'ok', undefined],
  [{ kind: 'hops', count: 2 }, 'trusted-forgery', 'x-forwarded-for'],
  [{ kind: 'header', name: 'cf-connecting-ip' }, 'trusted-forgery', 'cf-connecting-ip'],
] as const)('finds out through the public address whether a forged header wins: %j is %s', async (source, verdict, header) => {
  const test = await behindProxy(source);
  expect(test.result()).toEqual({ verdict: 'untested' });
  expect(await test.run()).toEqual(header === undefined ? { verdict } : { verdict, header });
  if (header === undefined) expect(test.reason).toBeUndefined();
  else expect(test.reason).toContain(`forged ${header} was believed`);
});

it('says unreachable where the address belongs to somebody else, and follows no redirect to find out', async () => {
  let asked = 0;
  const elsewhere = await serve((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: `${elsewhere}/other` }).end();
  });
  const address = createClientAddress({ source: { kind: 'direct' }, publicUrl: elsewhere, production: true });
  const test = createAddressSelfTest({ publicUrl: elsewhere, address, clock: createFakeClock(), logger: silentLogger });
  expect(await test.run()).toEqual({ verdict: 'unreachable' });
  expect(asked).toBe(5);
});

it('ends by itself where nobody answers, and in time', async () => {
  const silent = await serve(() => {});
  const clock = createFakeClock();
  const address = createClientAddress({ source: { kind: 'direct' }, publicUrl: silent, production: true });
  const test = createAddressSelfTest({ publicUrl: silent, address, clock, logger: silentLogger });
  const running = test.run();
  clock.advance(5000);
  expect(await running).toEqual({ verdict: 'unreachable' });
});

it('asks again later while nothing came back, and never after the end', async () => {
  const clock = createFakeClock();
  let asked = 0;
  const address = createClientAddress({ source: { kind: 'direct' }, publicUrl: 'https://chat.example.com', production: true });
  const send = async () => {
    asked += 1;
  };
  const test = createAddressSelfTest({ publicUrl: 'https://chat.example.com', address, clock, logger: silentLogger, send });
  test.start();
  expect(asked).toBe(0);
  clock.advance(10_000);
  await expect.poll(() => test.result().verdict, { interval: 1 }).toBe('unreachable');
  clock.advance(50_000);
  expect(asked).toBe(10);
  test.stop();
  clock.advance(600_000);
  expect(asked).toBe(10);
});
