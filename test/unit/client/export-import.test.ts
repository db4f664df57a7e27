import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { createAccountTransfers } from '../../../public/app/state/account-transfers.ts';
import { cutLines, LineTooLong } from '../../../public/app/state/cut-lines.ts';
import { createExportDownload } from '../../../public/app/state/export-download.ts';
import { createImportUpload } from '../../../public/app/state/import-upload.ts';
import type { SessionState } from '../../../public/app/state/session.ts';
import { importLimits } from '../../../src/protocol/import-limits.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const text = (count: number) =>
  Array.from({ length: count }, (_, index) => `{"line":${index},"text":"سلام ${'x'.repeat(index % 40)}"}\n`).join('');

/** A file whose stream comes in chunks of one size, so that lines and letters are cut anywhere. */
function fileOf(content: string, chunk: number): Blob {
  const bytes = new TextEncoder().encode(content);
  const blob = new Blob([bytes]);
  blob.stream = () => {
    let at = 0;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at + chunk));
        at += chunk;
      },
    });
  };
  return blob;
}

describe('cutting a file into whole lines', () => {
  it.each([1, 7, 64, 100_000])('keeps every byte in order when the file is read %i bytes at a time', async (chunk) => {
    const content = text(200);
    const pieces: string[] = [];
    let end = 0;
    for await (const piece of cutLines(fileOf(content, chunk), { target: 500, most: 1000 })) {
      expect(piece.bytes.size).toBeLessThanOrEqual(500);
      end += piece.bytes.size;
      expect(piece.end).toBe(end);
      pieces.push(await piece.bytes.text());
    }
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.every((piece) => piece.endsWith('\n'))).toBe(true);
    expect(pieces.join('')).toBe(content);
  });

  it('sends a line that is longer than a piece alone, and refuses one that no request may hold', async () => {
    const long = `${'y'.repeat(800)}\n`;
    const sizes: number[] = [];
    for await (const { bytes } of cutLines(fileOf(`a\n${long}b`, 64), { target: 500, most: 1000 })) sizes.push(bytes.size);
    expect(sizes).toEqual([2, 801, 1]);
    const cut = async () => {
      for await (const _ of cutLines(fileOf('z'.repeat(5000), 64), { target: 500, most: 1000 }));
    };
    await expect(cut()).rejects.toBeInstanceOf(LineTooLong);
  });
});

const cursorOf = (index: number) => `cursor${index}-_`;
const exported = Array.from({ length: 40 }, (_, index) =>
  index === 39
    ? `{"type":"end","counts":{},"c":"${cursorOf(39)}"}\n`
    : `{"type":"message","text":"پیام ${index}","c":"${cursorOf(index)}"}\n`,
);

/** A server that sends the lines after a cursor, and breaks off after some bytes, once for each number given. */
function exportServer(breaks: number[]) {
  const asked: string[] = [];
  const fetch = (path: string) => {
    asked.push(path);
    const after = new URL(path, 'http://x').searchParams.get('after');
    const from = after === null ? 0 : exported.findIndex((line) => line.includes(`"c":"${after}"`)) + 1;
    const bytes = new TextEncoder().encode(exported.slice(from).join(''));
    const limit = breaks.shift() ?? bytes.length;
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at < Math.min(limit, bytes.length)) {
          controller.enqueue(bytes.slice(at, Math.min(at + 33, limit)));
          at += 33;
        } else if (limit < bytes.length) controller.error(new TypeError('network error'));
        else controller.close();
      },
    });
    return Promise.resolve(new Response(body, { status: 200 }));
  };
  return { fetch, asked };
}

describe('the export of an account', () => {
  it('is the same file however often the connection breaks, and asks only for what is missing', async () => {
    const server = exportServer([10, 200, 777, 63]);
    const download = createExportDownload(server);
    for (let turn = 0; turn < 4; turn += 1) {
      await download.run();
      expect(download.view.value).toMatchObject({ phase: 'stopped', error: { code: 'NETWORK' } });
    }
    await download.run();
    expect(download.view.value).toMatchObject({ phase: 'done', error: null });
    expect(await download.file().text()).toBe(exported.join(''));
    expect(server.asked[0]).toBe('/api/account/export');
    expect(server.asked[1]).toBe('/api/account/export');
    expect(server.asked[4]).toMatch(/\?after=cursor\d+-_$/);
  });

  it('is not complete without its last line', async () => {
    const cut = exported.slice(0, 5).join('');
    const download = createExportDownload({ fetch: () => Promise.resolve(new Response(cut)) });
    await download.run();
    expect(download.view.value).toMatchObject({ phase: 'stopped', error: { code: 'CONNECTION_LOST' } });
  });

  it('shows what the server refuses', async () => {
    const body = JSON.stringify({ error: { code: 'STORE_UNAVAILABLE', message: 'x', requestId: 'r' } });
    const download = createExportDownload({ fetch: () => Promise.resolve(new Response(body, { status: 503 })) });
    await download.run();
    expect(download.view.value).toMatchObject({ phase: 'stopped', error: { code: 'STORE_UNAVAILABLE' } });
  });
});

const refusal = (status: number, error: object) =>
  new Response(JSON.stringify({ error: { message: '', requestId: 'r', ...error } }), { status });

/** A server that takes pieces, or answers with what is given for one of its calls. */
function importServer(answers: Record<number, Response | 'down'> = {}) {
  const taken: string[] = [];
  let calls = 0;
  const fetch = async (path: string, init: RequestInit) => {
    expect([path, init.method]).toEqual(['/api/account/import', 'POST']);
    expect(new Headers(init.headers).get('content-type')).toBe('application/x-ndjson');
    expect(new Headers(init.headers).get('x-requested-with')).toBe('jarvis');
    const answer = answers[calls++];
    if (answer === 'down') throw new TypeError('Failed to fetch');
    if (answer !== undefined) return answer;
    const piece = await new Response(init.body ?? null).text();
    taken.push(piece);
    const messages = piece.split('\n').length - 1;
    return Response.json({ imported: { conversations: 1, messages, files: 0, settings: 0 }, skipped: 2 });
  };
  return { fetch, taken };
}

/** Three pieces of about a MiB. */
const large = Array.from({ length: 42 }, (_, index) => `{"line":${index},"text":"${'x'.repeat(60_000)}"}\n`).join('');
const fileNamed = (content: string) => new File([content], 'mine.ndjson');

describe('the import of an account', () => {
  it('sends whole lines piece by piece and adds up what they brought', async () => {
    const server = importServer();
    const upload = createImportUpload({ ...server, clock: createFakeClock() });
    await upload.start(fileNamed(large));
    expect(server.taken.length).toBe(3);
    expect(server.taken.join('')).toBe(large);
    const summary = { conversations: 3, messages: 42, files: 0, settings: 0, skipped: 6 };
    expect(upload.view.value).toMatchObject({ phase: 'done', name: 'mine.ndjson', sent: large.length, total: large.length, summary });
  });

  it('goes on with the piece that failed', async () => {
    const server = importServer({ 1: 'down' });
    const upload = createImportUpload({ ...server, clock: createFakeClock() });
    await upload.start(fileNamed(large));
    expect(upload.view.value).toMatchObject({ phase: 'stopped', error: { code: 'NETWORK' } });
    expect(upload.view.value.sent).toBe(server.taken[0]?.length);
    await upload.resume();
    expect(upload.view.value.phase).toBe('done');
    expect(server.taken.join('')).toBe(large);
  });

  it('waits as long as a busy server asks, then sends the same piece again', async () => {
    const server = importServer({ 0: refusal(429, { code: 'RATE_LIMITED', retryAfter: 2 }) });
    const clock = createFakeClock();
    let waits: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const upload = createImportUpload({
      ...server,
      clock: {
        ...clock,
        after: (ms, run) => {
          expect(ms).toBe(2000);
          waits?.();
          return clock.after(ms, run);
        },
      },
    });
    const done = upload.start(fileNamed('{"a":1}\n'));
    await asked;
    expect(server.taken).toEqual([]);
    clock.advance(2000);
    await done;
    expect(server.taken).toEqual(['{"a":1}\n']);
  });

  it('tells of a line that the server would refuse before it is sent', async () => {
    const line = (bytes: number) => fileNamed(`${'x'.repeat(bytes)}\n`);
    const server = importServer();
    const upload = createImportUpload({ ...server, clock: createFakeClock() });
    await upload.start(line(importLimits.lineBytes + 1));
    expect(upload.view.value).toMatchObject({ phase: 'stopped', error: { code: 'TOO_LARGE', message: LineTooLong.name } });
    expect(server.taken).toEqual([]);
    await upload.start(line(importLimits.lineBytes));
    expect(upload.view.value.phase).toBe('done');
  });

  it('begins anew when the server has lost the beginning of a picture', async () => {
    const server = importServer({ 1: refusal(400, { code: 'BAD_REQUEST', params: { reason: 'order', line: 3 } }) });
    const upload = createImportUpload({ ...server, clock: createFakeClock() });
    await upload.start(fileNamed(large));
    expect(upload.view.value).toMatchObject({ phase: 'stopped', sent: 0 });
    await upload.resume();
    expect(server.taken.slice(1).join('')).toBe(large);
  });
});

describe('what goes on while the settings are closed', () => {
  const person = (id: string): SessionState => ({ state: 'signed-in', user: { id, name: id, email: `${id}@example.org`, role: 'user' } });

  /** Someone signed in, in front of a server that answers when `answer` is called. */
  function setup() {
    const session = { value: signal<SessionState>(person('ada')) };
    const seen = { saved: [] as string[], imported: 0, ended: [] as string[] };
    const waiting: { readonly path: string; readonly signal: AbortSignal | null; readonly answer: (response: Response) => void }[] = [];
    const transfers = createAccountTransfers({
      session,
      clock: createFakeClock(),
      fetch: (path, { signal: cut = null }) =>
        new Promise((answer, reject) => {
          waiting.push({ path, signal: cut, answer });
          cut?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        }),
      save: (file) => seen.saved.push(`${file.size} bytes`),
      imported: () => {
        seen.imported += 1;
      },
      ended: (what) => seen.ended.push(what),
    });
    return { transfers, session, seen, waiting };
  }
  const whole = () => new Response(exported.join(''));
  const brought = () => Response.json({ imported: { conversations: 1, messages: 1, files: 0, settings: 0 }, skipped: 0 });
  const size = `${new TextEncoder().encode(exported.join('')).length} bytes`;

  it('is saved at its end, and told of only when nobody looked', async () => {
    const { transfers, seen, waiting } = setup();
    const leave = transfers.look();
    const first = transfers.runExport();
    expect(transfers.running.value).toBe(true);
    waiting[0]?.answer(whole());
    await first;
    expect(seen).toMatchObject({ saved: [size], ended: [] });
    leave();
    const second = transfers.runExport();
    waiting[1]?.answer(whole());
    await second;
    expect(seen).toMatchObject({ saved: [size, size], ended: ['export'] });
    expect(transfers.running.value).toBe(false);
  });

  it('makes the list of conversations load again when an import brought something', async () => {
    const { transfers, seen, waiting } = setup();
    const done = transfers.runImport(fileNamed('{"a":1}\n'));
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.answer(brought());
    await done;
    expect(seen).toMatchObject({ imported: 1, ended: ['import'] });
  });

  it('stops with the session, goes on for the same person and leaves nothing to another', async () => {
    const { transfers, session, seen, waiting } = setup();
    const cut = transfers.runExport();
    session.value.value = { state: 'anonymous', ended: true };
    await cut;
    expect(waiting[0]?.signal?.aborted).toBe(true);
    expect(transfers.exporting.value.view.value.phase).toBe('stopped');
    session.value.value = person('ada');
    const again = transfers.runExport();
    waiting[1]?.answer(whole());
    await again;
    expect(seen.saved).toEqual([size]);
    session.value.value = person('omar');
    expect(transfers.exporting.value.view.value).toMatchObject({ phase: 'idle', bytes: 0 });
    expect(transfers.exporting.value.file().size).toBe(0);
  });

  it('is forgotten by whoever signs out while it runs', async () => {
    const { transfers, session, seen } = setup();
    const cut = transfers.runExport();
    session.value.value = { state: 'anonymous', ended: false };
    await cut;
    expect(seen).toMatchObject({ saved: [], ended: [] });
    expect(transfers.running.value).toBe(false);
    expect(transfers.exporting.value.view.value.phase).toBe('idle');
  });
});
