import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ClientAddressSource, createClientAddress } from '../../../src/gateway/http/client-address.ts';
import { createOriginPolicy } from '../../../src/gateway/http/origin-policy.ts';

function requestFrom(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  return Object.assign(new IncomingMessage(socket), { headers });
}

function addressOf(source: ClientAddressSource, peer: string, headers: Record<string, string> = {}): string {
  return createClientAddress({ source, publicUrl: undefined, production: true }).addressOf(requestFrom(peer, headers));
}

describe('the address of a client', () => {
  const forged = {
    'x-forwarded-for': '1.2.3.4',
    'x-real-ip': '1.2.3.4',
    'cf-connecting-ip': '1.2.3.4',
    'true-client-ip': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
  };

  it('is the peer when nothing is trusted, whatever the headers say', () => {
    expect(addressOf({ kind: 'direct' }, '203.0.113.9', forged)).toBe('203.0.113.9');
    expect(addressOf({ kind: 'direct' }, '::ffff:203.0.113.9', forged)).toBe('203.0.113.9');
  });

  it('is the entry that the trusted proxy added, not those before it', () => {
    const headers = { ...forged, 'x-forwarded-for': '1.2.3.4, 5.6.7.8, 203.0.113.9' };
    expect(addressOf({ kind: 'hops', count: 1 }, '10.0.0.1', headers)).toBe('203.0.113.9');
    expect(addressOf({ kind: 'hops', count: 2 }, '10.0.0.1', headers)).toBe('5.6.7.8');
    expect(addressOf({ kind: 'hops', count: 4 }, '10.0.0.1', headers)).toBe('10.0.0.1');
  });

  it('is the one header of the preset, or the peer when that is doubled or no address', () => {
    const railway = { kind: 'header', name: 'x-real-ip' } as const;
    expect(addressOf(railway, '10.0.0.1', { ...forged, 'x-real-ip': '203.0.113.9' })).toBe('203.0.113.9');
    expect(addressOf(railway, '10.0.0.1', { 'x-real-ip': '203.0.113.9, 1.2.3.4' })).toBe('10.0.0.1');
    expect(addressOf(railway, '10.0.0.1', { 'x-real-ip': 'nonsense\n' })).toBe('10.0.0.1');
    expect(addressOf(railway, '10.0.0.1', { 'x-forwarded-for': '1.2.3.4' })).toBe('10.0.0.1');
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['203.0.113.9', '203.0.113.9'],
  ])('counts %s under %s', (peer, key) => {
    expect(createClientAddress({ source: { kind: 'direct' }, publicUrl: undefined, production: true }).keyOf(requestFrom(peer))).toBe(key);
  });

  it('has no key for this machine itself in development', () => {
    const keyOf = (production: boolean, peer: string) =>
      createClientAddress({ source: { kind: 'direct' }, publicUrl: undefined, production }).keyOf(requestFrom(peer));
    expect([keyOf(false, '127.0.0.1'), keyOf(false, '::1'), keyOf(false, '::ffff:127.0.0.1')]).toEqual([null, null, null]);
    expect([keyOf(true, '127.0.0.1'), keyOf(false, '203.0.113.9')]).toEqual(['127.0.0.1', '203.0.113.9']);
  });
});

describe('the origins that may talk to the server', () => {
  const policy = (options: { publicUrl?: string; allowed?: string[]; secure?: boolean } = {}) =>
    createOriginPolicy({ publicUrl: options.publicUrl, allowedOrigins: options.allowed ?? [], isSecure: () => options.secure ?? false });
  const at = (host: string) => requestFrom('203.0.113.9', { host });

  it.each([
    ['http://app.example.com', true],
    ['https://app.example.com', true],
    ['https://app.example.com.evil.example', false],
    ['https://evil.example', false],
    ['null', false],
    ['http://app.example.com:8080', false],
    ['https://app.example.com.', false],
    ['https://APP.example.com', false],
    ['https://app.example.com/', false],
    ['', false],
  ])('by the host: %s is %s', (origin, allowed) => {
    expect(policy().isAllowed(origin, at('app.example.com'))).toBe(allowed);
  });

  it('refuse plain http where TLS is spoken', () => {
    expect(policy({ secure: true }).isAllowed('http://app.example.com', at('app.example.com'))).toBe(false);
    expect(policy({ secure: true }).isAllowed('https://app.example.com', at('app.example.com'))).toBe(true);
  });

  it('include the published address and the operator’s list, whatever the host says', () => {
    const listed = policy({ publicUrl: 'https://chat.example.com', allowed: ['https://other.example'] });
    expect(listed.isAllowed('https://chat.example.com', at('10.0.0.1:8000'))).toBe(true);
    expect(listed.isAllowed('https://other.example', at('10.0.0.1:8000'))).toBe(true);
    expect(listed.isAllowed('https://x.other.example', at('10.0.0.1:8000'))).toBe(false);
  });

  it('are none for a host that is no host', () => {
    expect(policy().isAllowed('http://a b', at('a b'))).toBe(false);
    expect(policy().isAllowed('http://user@app', at('user@app'))).toBe(false);
  });
});
