import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/** Where the client's address stands: `config.clientIp`. Everything else that a client can write itself is ignored. */
export type ClientAddressSource =
  | { readonly kind: 'direct' }
  | { readonly kind: 'header'; readonly name: string }
  /** The nth entry of X-Forwarded-For from the right: what the outermost of n trusted proxies saw. */
  | { readonly kind: 'hops'; readonly count: number };

export interface ClientAddressOptions {
  readonly source: ClientAddressSource;
  /** The origin that people open, e.g. `https://chat.example.com`. */
  readonly publicUrl: string | undefined;
  /** In development limits per address are off for this machine itself. */
  readonly production: boolean;
}

export interface ClientAddress {
  /** The address alone, without port or zone; `unknown` when the socket has gone. */
  addressOf(request: IncomingMessage): string;
  /** The key for limits: the address, of IPv6 the /64 that one customer owns; null where limits per address are off. */
  keyOf(request: IncomingMessage): string | null;
  /** Whether the browser speaks TLS: to us, to a trusted proxy, or by `publicUrl`. */
  isSecure(request: IncomingMessage): boolean;
}

export function createClientAddress({ source, publicUrl, production }: ClientAddressOptions): ClientAddress {
  const published = publicUrl === undefined ? null : new URL(publicUrl);

  function addressOf(request: IncomingMessage): string {
    return claimedAddress(request, source) ?? plainAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
  }

  return {
    addressOf,
    keyOf(request) {
      const address = addressOf(request);
      if (!production && isLoopback(address)) return null;
      return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
    },
    isSecure(request) {
      if ('encrypted' in request.socket && request.socket.encrypted === true) return true;
      if (source.kind !== 'direct' && lastOf(request.headers['x-forwarded-proto']) === 'https') return true;
      return published?.protocol === 'https:' && request.headers.host === published.host;
    },
  };
}

function claimedAddress(request: IncomingMessage, source: ClientAddressSource): string | null {
  if (source.kind === 'direct') return null;
  if (source.kind === 'hops') {
    const entries = textOf(request.headers['x-forwarded-for']).split(',');
    return plainAddress(entries.at(-source.count) ?? '');
  }
  // Two headers of the name arrive joined by a comma and are no address.
  return plainAddress(textOf(request.headers[source.name]));
}

function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

function lastOf(header: string | string[] | undefined): string {
  return textOf(header).split(',').at(-1)?.trim().toLowerCase() ?? '';
}

function plainAddress(text: string): string | null {
  const address = text.trim().split('%')[0] ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address.toLowerCase();
  return isIP(plain) === 0 ? null : plain;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** The eight groups of a valid IPv6 address without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const split = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':')).flatMap(hexGroups);
  const left = split(head);
  const right = split(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}

function hexGroups(group: string): string[] {
  const bytes = group.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  if (bytes.length === 4) return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  return [Number.parseInt(group, 16).toString(16)];
}
