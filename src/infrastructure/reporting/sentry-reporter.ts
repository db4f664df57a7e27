import { randomUUID } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { ErrorReports } from '../../lib/error-reports.ts';
import type { LogFields, Logger } from '../../lib/logger.ts';
import { fetchFailure } from './fetch-failure.ts';
import { sentryEvent } from './sentry-event.ts';

export interface SentryReporterDeps {
  /** `https://<key>@<host>/<project>`, checked by the configuration. */
  readonly dsn: string;
  readonly version: string;
  readonly environment: 'production' | 'development';
  readonly clock: Clock;
  /** Told once when reports do not arrive. Not one that reports by itself. */
  readonly logger: Logger;
}

const MAX_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const TIMEOUT_MS = 5000;

/**
 * Sends errors to Sentry, or to a service that speaks its protocol, as envelopes
 * (https://develop.sentry.dev/sdk/data-model/envelopes/). Nobody waits for it and nothing that goes wrong here leaves it.
 */
export function createSentryReporter(deps: SentryReporterDeps): ErrorReports {
  const { clock, logger, version, environment } = deps;
  const { url, auth } = addressOf(deps.dsn, version);
  const sending = new Set<Promise<void>>();
  let sentAt: number[] = [];
  let pausedUntil = 0;
  let dropped = 0;
  let failing = false;

  function mayNotSend(now: number): boolean {
    sentAt = sentAt.filter((time) => time > now - MINUTE_MS);
    return now < pausedUntil || sentAt.length >= MAX_A_MINUTE;
  }

  async function post(body: string): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { 'content-type': 'application/x-sentry-envelope', 'x-sentry-auth': auth };
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
    await response.body?.cancel();
    if (response.status === 429) pausedUntil = clock.now() + secondsOf(response.headers.get('retry-after')) * 1000;
    if (!response.ok) throw new Error(`answered ${response.status}`);
  }

  async function send(body: string): Promise<void> {
    try {
      await post(body);
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ reason: fetchFailure(error) }, 'error reports do not arrive: check SENTRY_DSN');
      failing = true;
    }
  }

  function report(fields: LogFields, message: string): void {
    const now = clock.now();
    if (mayNotSend(now)) {
      dropped += 1;
      return;
    }
    sentAt.push(now);
    const id = randomUUID().replaceAll('-', '');
    const event = sentryEvent({ id, at: now, message, fields, version, environment, dropped });
    dropped = 0;
    const sent = send(envelopeOf(id, now, JSON.stringify(event))).finally(() => sending.delete(sent));
    sending.add(sent);
  }

  return {
    report(fields, message) {
      try {
        report(fields, message);
      } catch (error) {
        // Such as a field with a getter that throws: the log line is written, the report is not worth more.
        logger.debug({ error }, 'an error report could not be made');
      }
    },
    async flush(timeoutMs) {
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(timeoutMs, resolve);
      });
      await Promise.race([Promise.all(sending), late]);
      cancel();
    },
  };
}

function addressOf(dsn: string, version: string): { url: string; auth: string } {
  const { protocol, host, pathname, username } = new URL(dsn);
  const path = pathname.replace(/\/$/, '');
  const slash = path.lastIndexOf('/');
  const auth = `Sentry sentry_version=7, sentry_client=jarvis-argus/${version}, sentry_key=${username}`;
  return { url: `${protocol}//${host}${path.slice(0, slash)}/api/${path.slice(slash + 1)}/envelope/`, auth };
}

/** Three lines: whose it is, what follows, the event. */
function envelopeOf(id: string, now: number, event: string): string {
  const head = JSON.stringify({ event_id: id, sent_at: new Date(now).toISOString() });
  const item = JSON.stringify({ type: 'event', length: Buffer.byteLength(event), content_type: 'application/json' });
  return `${head}\n${item}\n${event}\n`;
}

function secondsOf(retryAfter: string | null): number {
  const seconds = Number(retryAfter);
  return retryAfter !== null && seconds > 0 && seconds < 86_400 ? seconds : 60;
}
