import { readdirSync, readFileSync } from 'node:fs';
import { Server } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createHttpServer } from '../../../src/gateway/http/http-server.ts';
import { listen } from '../../../src/wiring/listen.ts';

it('gives a header 10 s and an upload 120 s, and keeps a connection longer than the router of Heroku does (90 s)', () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = createHttpServer(() => {}, { connections: 7 });
  expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
    headersTimeout: 10_000,
    requestTimeout: 120_000,
    keepAliveTimeout: 95_000,
    maxConnections: 7,
  });
});

it.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])('listens on IPv4 where the machine has no IPv6 (%s) and nobody chose a host', async (code) => {
  const asked: unknown[] = [];
  class WithoutIpv6 extends Server {
    override listen(...words: unknown[]): this {
      const [options, done] = words;
      const host = typeof options === 'object' && options !== null && 'host' in options ? options.host : undefined;
      asked.push(host);
      if (host === '::') queueMicrotask(() => this.emit('error', Object.assign(new Error(code), { code })));
      else if (typeof done === 'function') super.listen(0, '127.0.0.1', () => void done());
      return this;
    }
  }
  const server = new WithoutIpv6();
  await listen(server, readConfig({ PORT: '0' }));
  expect(asked).toEqual(['::', '0.0.0.0']);
  await new Promise((resolve) => server.close(resolve));
});

it('reads forms with files in one place, whose limits hold for each route that takes one: pictures, and files that a question asks for', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const holding = (text: string) => sources.filter((path) => readFileSync(join('src', path), 'utf8').includes(text)).sort();
  expect(holding("from 'multer'")).toEqual(['gateway/http/multipart.ts']);
  expect(holding('createMultipart(')).toEqual([
    'gateway/http/multipart.ts',
    'gateway/http/surface-routes.ts',
    'gateway/http/upload-routes.ts',
  ]);
});
