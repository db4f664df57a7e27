import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

export interface FakePackage {
  readonly name: string;
  readonly version: string;
  readonly bytes: Buffer;
  readonly integrity: string;
}

/** A package as npm packs it. Entries may be as wicked as the test wants. */
export async function fakePackage(
  name: string,
  version: string,
  entries: readonly (Pick<Header, 'name'> & Partial<Header> & { readonly content?: string | Buffer })[],
): Promise<FakePackage> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, content);
  archive.finalize();
  const bytes = await buffer(archive.pipe(createGzip()));
  return { name, version, bytes, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` };
}

export interface FakeRegistry {
  readonly url: string;
  /** How many times a package itself was asked for. */
  downloads(): number;
  /** How the next packages are sent, in place of as they are. */
  send: (response: ServerResponse, bytes: Buffer) => void;
  close(): Promise<void>;
}

const whole = (response: ServerResponse, bytes: Buffer) => void response.end(bytes);

/** A registry of npm on this machine, as far as `npm view` and a download need one. */
export async function startFakeRegistry(packages: readonly FakePackage[]): Promise<FakeRegistry> {
  let downloads = 0;
  const server = createServer((request, response) => {
    const [name = '', file] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const found = packages.find((one) => one.name === name);
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
      return;
    }
    if (file !== undefined) {
      downloads += 1;
      registry.send(response.writeHead(200, { 'content-type': 'application/octet-stream' }), found.bytes);
      return;
    }
    const { version, integrity } = found;
    const dist = { integrity, tarball: `${registry.url}${name}/-/${version}.tgz` };
    const body = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port has one
  const { port } = server.address() as AddressInfo;
  const registry: FakeRegistry = {
    url: `http://127.0.0.1:${port}/`,
    downloads: () => downloads,
    send: whole,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return registry;
}
