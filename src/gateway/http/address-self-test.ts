import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ClientAddress } from './client-address.ts';

/**
 * `untested`: not asked yet, or no public address is known. `unreachable`: no request came back to this process (a foreign or
 * wrong address, a proxy that refuses, another instance). `trusted-forgery`: a client can choose its own address.
 */
export type AddressVerdict = 'untested' | 'ok' | 'trusted-forgery' | 'unreachable';

export interface AddressSelfTestResult {
  readonly verdict: AddressVerdict;
  /** The header whose forged value won. */
  readonly header?: string;
}

export interface AddressSelfTestOptions {
  /** Asked and nothing else; redirects are not followed. */
  readonly publicUrl: string | undefined;
  readonly address: ClientAddress;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends a request and does not look at its answer; rejects when none came. Default: fetch. */
  readonly send?: (url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<void>;
}

export interface AddressSelfTest {
  result(): AddressSelfTestResult;
  /** A sentence for the operator when something is wrong. */
  readonly reason: string | undefined;
  /** Looks for the nonce of a test in what arrives. */
  readonly observe: RequestHandler;
  /** Tests in the background, soon and then twice more until a request came back. Never throws, never blocks. */
  start(): void;
  /** One round. */
  run(): Promise<AddressSelfTestResult>;
  stop(): void;
}

export const selfTestHeader = 'x-jarvis-self-test';
/** From the range for documentation (RFC 5737): nobody's address. */
const forgedAddress = '192.0.2.77';
/** As many entries as `hops:<n>` can count, so that each of them would be a forged one. */
const forgedChain = Array.from({ length: 100 }, () => forgedAddress).join(', ');
/** One header in each request: an edge that refuses one of them must not hide the others, and the one that wins has a name. */
const forgeries: Readonly<Record<string, string>> = {
  'x-forwarded-for': forgedChain,
  'x-real-ip': forgedAddress,
  'cf-connecting-ip': forgedAddress,
  'true-client-ip': forgedAddress,
  forwarded: `for=${forgedAddress}`,
};
const TIMEOUT_MS = 5000;
/** After the start: a platform sends traffic to a new instance only when it has seen it healthy. */
const ATTEMPTS_MS = [10_000, 60_000, 300_000];

/** Asks the server's own public address with forged headers and looks which address arrives. */
export function createAddressSelfTest(options: AddressSelfTestOptions): AddressSelfTest {
  const { publicUrl, address, clock, logger, send = sendByFetch } = options;
  /** Nonces under way, and which address each request was taken for. */
  const seen = new Map<string, string | null>();
  const ending = new AbortController();
  let last: AddressSelfTestResult = { verdict: 'untested' };
  let cancels: (() => void)[] = [];

  async function ask(header: string, value: string): Promise<string | null> {
    const nonce = randomBytes(16).toString('base64url');
    const timeout = new AbortController();
    const abort = () => timeout.abort();
    ending.signal.addEventListener('abort', abort, { once: true });
    const cancel = clock.after(TIMEOUT_MS, abort);
    seen.set(nonce, null);
    try {
      await send(`${publicUrl}/healthz`, { [header]: value, [selfTestHeader]: nonce }, timeout.signal);
    } catch {
      // No way there, too slow or refused on the way: then this header says nothing.
    } finally {
      cancel();
      ending.signal.removeEventListener('abort', abort);
      timeout.abort();
    }
    const taken = seen.get(nonce) ?? null;
    seen.delete(nonce);
    return taken;
  }

  async function run(): Promise<AddressSelfTestResult> {
    if (publicUrl === undefined) return last;
    const names = Object.keys(forgeries);
    const taken = await Promise.all(names.map((name) => ask(name, forgeries[name] ?? '')));
    if (ending.signal.aborted) return last;
    const won = taken.indexOf(forgedAddress);
    const header = names[won];
    if (header !== undefined) last = { verdict: 'trusted-forgery', header };
    else last = { verdict: taken.some((each) => each !== null) ? 'ok' : 'unreachable' };
    if (last.verdict === 'trusted-forgery') logger.warn({ variable: 'CLIENT_IP', name: header }, sentenceFor(last) ?? '');
    else logger.debug({ variable: 'CLIENT_IP', outcome: last.verdict }, 'the client address was tested');
    return last;
  }

  return {
    result: () => last,
    get reason() {
      return sentenceFor(last);
    },
    observe(request, _response, next) {
      const nonce = nonceOf(request);
      if (nonce !== null && seen.has(nonce)) seen.set(nonce, address.addressOf(request));
      next();
    },
    start() {
      if (publicUrl === undefined) return;
      cancels = ATTEMPTS_MS.map((delay) =>
        clock.after(delay, () => {
          if (last.verdict === 'untested' || last.verdict === 'unreachable') void run();
        }),
      );
    },
    run,
    stop() {
      for (const cancel of cancels) cancel();
      ending.abort();
    },
  };
}

function nonceOf(request: IncomingMessage): string | null {
  const value = request.headers[selfTestHeader];
  return typeof value === 'string' ? value : null;
}

function sentenceFor({ verdict, header }: AddressSelfTestResult): string | undefined {
  if (verdict !== 'trusted-forgery') return undefined;
  return `Clients can choose their own address: a forged ${header} was believed. Set CLIENT_IP to what your proxy really writes; see docs/deployment.md.`;
}

async function sendByFetch(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { headers, signal, redirect: 'manual' });
  await response.body?.cancel();
}
