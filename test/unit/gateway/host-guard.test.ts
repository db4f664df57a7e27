import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHostGuard, type HostGuardOptions } from '../../../src/gateway/http/host-guard.ts';

const nothing: HostGuardOptions = {
  allowedHosts: [],
  publicUrl: undefined,
  publicUrlGiven: false,
  allowedOrigins: [],
  platformUrl: undefined,
};

function requestTo(...hosts: string[]): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.rawHeaders = hosts.flatMap((host) => ['Host', host]);
  if (hosts[0] !== undefined) request.headers.host = hosts[0];
  return request;
}

const known = (options: Partial<HostGuardOptions>, host: string) => () =>
  createHostGuard({ ...nothing, ...options }).assertKnown(requestTo(host));

describe('the names of the server', () => {
  const named = { publicUrl: 'https://chat.example.com', publicUrlGiven: true };

  it('are all while the operator named none: a guess of the platform locks nobody out', () => {
    expect(known({ publicUrl: 'https://app.onrender.com' }, 'anything.example')).not.toThrow();
  });

  it.each(['chat.example.com', 'CHAT.example.com:443', 'chat.example.com.', 'localhost:8000', '127.0.0.1:8000', '[::1]:8000', '127.8.8.8'])(
    'hold %s when PUBLIC_URL is set',
    (host) => {
      expect(known(named, host)).not.toThrow();
    },
  );

  it.each([
    'evil.example',
    'chat.example.com.evil.example',
    'xchat.example.com',
    '10.0.0.1',
    '127.0.0.1.evil.example',
    '[::2]',
    'example.com',
  ])('do not hold %s', (host) => {
    expect(known(named, host)).toThrow(expect.objectContaining({ code: 'HOST_REFUSED', status: 421 }));
  });

  it('hold those of ALLOWED_HOSTS, with all below a star and not the star itself', () => {
    const listed = { allowedHosts: ['chat.example.net', '*.example.org', 'my_app', '[fd00::5]'] };
    for (const host of ['my_app:8000', '[FD00::5]:8000', 'chat.example.net', 'a.example.org', 'a.b.example.org'])
      expect(known(listed, host)).not.toThrow();
    for (const host of ['example.org', 'xexample.org', 'example.net']) expect(known(listed, host)).toThrow();
  });

  it("hold other origins, the platform's own and the one under which Railway looks", () => {
    const all = { ...named, allowedOrigins: ['https://app.example.net:8443'], platformUrl: 'https://x.up.railway.app' };
    for (const host of ['app.example.net', 'x.up.railway.app', 'healthcheck.railway.app']) expect(known(all, host)).not.toThrow();
    expect(known(named, 'x.up.railway.app')).toThrow();
  });
});

describe('a Host header', () => {
  it.each([
    [[]],
    [['a.example', 'a.example']],
    [['']],
    [['a b']],
    [['a.example/x']],
    [['user@a.example']],
    [['a..b']],
    [['a:b']],
    [['x'.repeat(300)]],
  ])('is refused as it stands here: %j', (hosts: string[]) => {
    expect(() => createHostGuard(nothing).assertPlain(requestTo(...hosts))).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  it.each(['a.example', 'a_b.example:80', '[2001:db8::1]:80', '10.0.0.1'])('is plain as %s', (host) => {
    expect(() => createHostGuard(nothing).assertPlain(requestTo(host))).not.toThrow();
  });
});
