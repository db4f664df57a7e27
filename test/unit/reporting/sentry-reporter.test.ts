import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config.ts';
import { createReportingLogger } from '../../../src/infrastructure/reporting/reporting-logger.ts';
import { createSentryReporter } from '../../../src/infrastructure/reporting/sentry-reporter.ts';
import { type LogFields, type Logger, silentLogger } from '../../../src/lib/logger.ts';
import { type Collector, startCollector } from '../../support/collector.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

function setUp(path = '/42') {
  const clock = createFakeClock();
  const lines: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => lines.push(message) };
  const dsn = `http://publickey@127.0.0.1:${collector.port}${path}`;
  const reports = createSentryReporter({ dsn, version: '1.2.3', environment: 'production', clock, logger });
  return { clock, lines, reports };
}

interface SentEvent {
  readonly event_id: string;
  readonly tags: Record<string, string>;
  readonly extra: Record<string, unknown>;
  readonly exception?: { values: { type: string; value: string; stacktrace?: { frames: Record<string, unknown>[] } }[] };
  readonly [name: string]: unknown;
}

function eventOf(body: string | undefined): SentEvent {
  const [head = '', item = '', event = ''] = (body ?? '').split('\n');
  const parsed = JSON.parse(event) as SentEvent;
  expect(JSON.parse(head)).toMatchObject({ event_id: parsed.event_id });
  expect(JSON.parse(item)).toEqual({ type: 'event', length: Buffer.byteLength(event), content_type: 'application/json' });
  return parsed;
}

describe('error reports', () => {
  it('are envelopes at the address that the DSN means', async () => {
    const { reports } = setUp('/sentry/42');
    reports.report({ requestId: 'r1', code: 'INTERNAL', status: 500 }, 'a request failed');
    await collector.until(1);
    const [sent] = collector.received;
    expect(sent?.path).toBe('/sentry/api/42/envelope/');
    expect(sent?.headers['content-type']).toBe('application/x-sentry-envelope');
    expect(sent?.headers['x-sentry-auth']).toBe('Sentry sentry_version=7, sentry_client=jarvis-argus/1.2.3, sentry_key=publickey');
    const event = eventOf(sent?.body);
    expect(event).toMatchObject({
      level: 'error',
      platform: 'node',
      release: 'jarvis-argus@1.2.3',
      environment: 'production',
      logentry: { message: 'a request failed' },
      tags: { requestId: 'r1', code: 'INTERNAL' },
      extra: { status: 500 },
    });
    expect(event.event_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('carry only what may stand in the log, no paths of the machine and no e-mail addresses', async () => {
    const { reports } = setUp();
    const cause = new Error('ENOENT: open \'/home/operator/data/tmp/CANARY-file\', dup key: { email: "canary@example.org" }');
    const error = new Error('mongodb://user:CANARY@db.example.org/x?key=CANARY failed', { cause });
    const fields: LogFields = { body: 'CANARY', text: 'CANARY', password: 'CANARY', reason: '/srv/canary/secret.txt is missing', error };
    reports.report(fields, 'a request failed');
    await collector.until(1);
    const event = eventOf(collector.received[0]?.body);
    const text = JSON.stringify(event);
    expect(text).not.toMatch(/canary/i);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain('operator');
    const [inner, outer] = event.exception?.values ?? [];
    expect(inner?.value).toContain('ENOENT');
    expect(outer?.type).toBe('Error');
    const frames = outer?.stacktrace?.frames ?? [];
    expect(frames.at(-1)).toMatchObject({ filename: 'test/unit/reporting/sentry-reporter.test.ts', in_app: true });
    expect(frames.filter(({ filename }) => String(filename).startsWith('node_modules/')).every(({ in_app }) => in_app === false)).toBe(
      true,
    );
  });

  it('are ten a minute at most, and the next one says how many were left out', async () => {
    const { reports, clock } = setUp();
    for (let count = 0; count < 15; count += 1) reports.report({ count }, 'again');
    await collector.until(10);
    clock.advance(60_000);
    reports.report({}, 'later');
    await collector.until(11);
    const counts = collector.received.map(({ body }) => eventOf(body).extra['dropped'] ?? 0);
    expect(counts).toHaveLength(11);
    expect(counts.filter((count) => count === 5)).toHaveLength(1);
  });

  it('pause when the service asks for it', async () => {
    const { reports, clock } = setUp();
    collector.answer = { status: 429, headers: { 'retry-after': '120' } };
    reports.report({}, 'one');
    await reports.flush(10_000);
    reports.report({}, 'two');
    clock.advance(119_000);
    reports.report({}, 'three');
    expect(collector.received).toHaveLength(1);
    clock.advance(1000);
    reports.report({}, 'four');
    await collector.until(2);
    expect(eventOf(collector.received[1]?.body).extra).toEqual({ dropped: 2 });
  });

  it('that do not arrive harm nobody and are told once', async () => {
    const { reports, lines } = setUp();
    collector.answer = { status: 500 };
    reports.report({}, 'one');
    await reports.flush(10_000);
    reports.report({}, 'two');
    await reports.flush(10_000);
    await collector.close();
    reports.report({}, 'three');
    await reports.flush(10_000);
    const hostile = Object.defineProperty({}, 'error', { enumerable: true, get: () => raise() }) as LogFields;
    expect(() => reports.report(hostile, 'four')).not.toThrow();
    expect(lines).toHaveLength(1);
    collector = await startCollector();
  });
});

describe('the log that reports', () => {
  it('reports errors with the fields of its children, and nothing milder', () => {
    const written: string[] = [];
    const reported: [LogFields, string][] = [];
    const inner: Logger = { ...silentLogger, error: (_fields, message) => written.push(message), child: () => inner };
    const reports = {
      report: (fields: LogFields, message: string) => void reported.push([fields, message]),
      flush: () => Promise.resolve(),
    };
    const logger = createReportingLogger(inner, reports);
    logger.warn({}, 'mild');
    logger.child({ connectionId: 'c1' }).error({ code: 'INTERNAL' }, 'bad');
    expect(written).toEqual(['bad']);
    expect(reported).toEqual([[{ connectionId: 'c1', code: 'INTERNAL' }, 'bad']]);
  });
});

describe('SENTRY_DSN', () => {
  it.each(['https://errors.example.com/CANARY', 'https://CANARY@errors.example.com', 'ftp://CANARY@errors.example.com/1', 'CANARY'])(
    'ends the start with a line when it is no DSN: %s',
    (value) => {
      let lines: readonly string[] = [];
      try {
        readConfig({ SENTRY_DSN: value });
      } catch (error) {
        if (error instanceof ConfigError) lines = error.lines;
      }
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^SENTRY_DSN: must be a DSN/);
      expect(lines[0]).not.toContain('CANARY');
    },
  );
});

function raise(): never {
  throw new Error('no');
}
