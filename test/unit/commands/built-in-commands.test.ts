import { describe, expect, it } from 'vitest';
import { createBuiltInCommands } from '../../../src/commands/built-in/built-in-commands.ts';
import type { CommandContext } from '../../../src/commands/command.ts';
import { createCommandRouter } from '../../../src/commands/command-router.ts';
import { noticeText } from '../../../src/commands/notice-text.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { Finding, Job } from '../../../src/protocol/index.ts';
import { anonymous, contextFor, conversation, createFakePorts, message, models, sara } from './command-fakes.ts';

function setUp() {
  const ports = createFakePorts();
  const router = createCommandRouter({ commands: createBuiltInCommands(ports), logger: silentLogger });
  const run = (name: string, args: string[] = [], changes: Partial<CommandContext> = {}) => router.run(name, args, contextFor(changes));
  return { ports, router, run };
}

describe('accounts', () => {
  it('signs up, with the address in lower case, and hands the gateway a session and a code', async () => {
    const { ports, run } = setUp();
    const outcome = await run('signup', [' سارا احمدی ', 'Sara@Example.org', 'pass word'], anonymous);
    expect(outcome).toEqual({ type: 'auth', user: sara, sid: 's-new', token: 'token-of-session', code: 'code-u1-s-new' });
    expect(ports.calls).toEqual([
      ['signup', { name: 'سارا احمدی', email: 'sara@example.org', password: 'pass word' }, { addressKey: '192.0.2.1' }],
    ]);
  });

  it('signs in', async () => {
    const { ports, run } = setUp();
    await expect(run('login', ['sara@example.org', ' pw '], anonymous)).resolves.toMatchObject({ type: 'auth', code: 'code-u1-s-new' });
    expect(ports.calls).toEqual([['login', { email: 'sara@example.org', password: ' pw ' }, { addressKey: '192.0.2.1' }]]);
  });

  it.each([
    ['login', ['not an address', 'pw'], 'BAD_REQUEST', 'email'],
    ['login', ['a@b.c', ''], 'BAD_REQUEST', 'password'],
    ['login', ['a@b.c', 'p'.repeat(1025)], 'PASSWORD_TOO_LONG', 'password'],
    ['signup', ['', 'a@b.c', 'pw'], 'BAD_REQUEST', 'name'],
    ['password', ['old', ''], 'BAD_REQUEST', 'next'],
  ])('refuses /%s %j and names the field', async (name, args, code, field) => {
    const { ports, run } = setUp();
    await expect(run(name, args)).rejects.toMatchObject({ code, params: { field } });
    expect(ports.calls).toEqual([]);
  });

  it('signs out of this session', async () => {
    const { ports, run } = setUp();
    await expect(run('logout')).resolves.toEqual({ type: 'signed-out' });
    expect(ports.calls).toEqual([['logout', 's1']]);
  });

  it('changes the password', async () => {
    const { ports, run } = setUp();
    await expect(run('password', ['old', 'new'])).resolves.toEqual({ type: 'notice', code: 'PASSWORD_CHANGED' });
    expect(ports.calls).toEqual([['changePassword', 'u1', 's1', 'old', 'new']]);
  });

  it('shows who is signed in', async () => {
    const params = { name: 'Sara', email: 'sara@example.org', role: 'user' };
    await expect(setUp().run('me')).resolves.toEqual({ type: 'notice', code: 'ME', params, data: { user: sara } });
  });
});

describe('/usage and /doctor', () => {
  it('say what was used, in money and tokens, small amounts too', async () => {
    const params = { today: '$0.0012', todayTokens: 150, month: '$2.50', monthTokens: 150 };
    await expect(setUp().run('usage')).resolves.toMatchObject({ type: 'notice', code: 'USAGE', params, data: { day: '2026-11-22' } });
  });

  const finding = (code: string, state: Finding['state']): Finding => ({
    code,
    state,
    params: {},
    title: 'T',
    text: 'Wrong.',
    mend: 'Mend it.',
  });

  it('count what is wrong, for administrators only', async () => {
    const { ports, run } = setUp();
    const admin = { user: { ...sara, role: 'admin' as const } };
    ports.findings = [finding('DISK', 'ok'), finding('PROXY', 'unknown')];
    await expect(run('doctor', [], admin)).resolves.toMatchObject({ code: 'DOCTOR_WELL', params: { checks: 2 } });
    ports.findings = [...ports.findings, finding('CLOCK', 'problem'), finding('DISK', 'warning')];
    const found = { code: 'DOCTOR', params: { problems: 2, checks: 4 }, data: { items: ports.findings } };
    await expect(run('doctor', [], admin)).resolves.toMatchObject(found);
    await expect(run('doctor')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(run('doctor', [], anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(ports.calls).toEqual([
      ['doctor', 'u1'],
      ['doctor', 'u1'],
    ]);
  });
});

describe('/jobs', () => {
  const job = (id: string, fields: Partial<Job>): Job => ({
    id,
    clientJobId: id,
    kind: 'upscale',
    plugin: 'upscale',
    status: 'queued',
    version: 1,
    progress: null,
    level: 'normal',
    params: {},
    input: [],
    results: [],
    files: [],
    attempts: 0,
    createdAt: '2026-11-22T00:00:00.000Z',
    ...fields,
  });

  it('lists what one has, says how much of it is open, and has a text for programs', async () => {
    const { ports, run } = setUp();
    await expect(run('jobs')).resolves.toMatchObject({ code: 'JOBS_EMPTY' });
    const error = { code: 'WORKER_CRASHED' as const, message: 'It crashed twice.' };
    ports.jobRows = [job('j3', { position: 2 }), job('j2', { status: 'running', progress: 40.4 }), job('j1', { status: 'dead', error })];
    const outcome = await run('jobs');
    expect(outcome).toMatchObject({ code: 'JOBS', params: { open: 2 }, data: { items: ports.jobRows } });
    const lines = noticeText('JOBS', { open: 2 }, { items: ports.jobRows }).split('\n');
    expect(lines.slice(1)).toEqual([
      'j3 - upscale: queued, place 2',
      'j2 - upscale: running, 40 %',
      'j1 - upscale: dead (It crashed twice.)',
    ]);
    await expect(run('jobs', [], anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('/help', () => {
  it('lists what this person may run', async () => {
    const { router, run } = setUp();
    await expect(run('help')).resolves.toMatchObject({ code: 'HELP', data: { commands: router.list(sara) } });
    await expect(run('help', [], anonymous)).resolves.toMatchObject({ data: { commands: router.list(null) } });
  });

  it('explains one command with an example', async () => {
    const { router, run } = setUp();
    const command = router.list(sara).find((info) => info.name === 'select');
    await expect(run('help', ['/SELECT'])).resolves.toEqual({
      type: 'notice',
      code: 'HELP_COMMAND',
      params: { usage: '/select <id or number>', summary: command?.summary, example: '/select 2' },
      data: { command },
    });
    await expect(run('help', ['slect'])).rejects.toMatchObject({ code: 'UNKNOWN_COMMAND', params: { suggestions: 'select' } });
  });
});

describe('conversations', () => {
  it('starts a new one', async () => {
    await expect(setUp().run('new')).resolves.toEqual({ type: 'notice', code: 'CONVERSATION_NEW', data: {}, conversationId: null });
  });

  it('lists the newest with numbers', async () => {
    const { ports, run } = setUp();
    const items = [1, 2, 3].map((number) => ({
      number,
      id: `c${number}`,
      title: `Title c${number}`,
      updatedAt: '2026-01-02T00:00:00.000Z',
    }));
    await expect(run('convs')).resolves.toEqual({ type: 'notice', code: 'CONVERSATIONS', data: { items } });
    ports.rows = [];
    await expect(run('convs')).resolves.toEqual({ type: 'notice', code: 'CONVERSATIONS_EMPTY' });
  });

  it.each([
    ['c2', 'c2'],
    ['2', 'c2'],
    ['۳', 'c3'],
    ['٣', 'c3'],
  ])('opens %s', async (wanted, id) => {
    const { run } = setUp();
    const expected = { params: { title: `Title ${id}` }, data: { conversationId: id }, conversationId: id };
    await expect(run('select', [wanted])).resolves.toEqual({ type: 'notice', code: 'CONVERSATION_SELECTED', ...expected });
  });

  it.each(['0', '4', '-1', '1.5', '99999999999999999999', 'c9', '{"$gt":""}', '../c1', ''])('does not find %j', async (wanted) => {
    await expect(setUp().run('select', [wanted])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('opens by the numbers that were shown last, though the order has changed since', async () => {
    const { ports, run } = setUp();
    await run('convs');
    ports.rows = [conversation('c9'), ...ports.rows];
    await expect(run('select', ['1'])).resolves.toMatchObject({ conversationId: 'c1' });
    await expect(run('select', ['1'], { sid: 'another' })).resolves.toMatchObject({ conversationId: 'c9' });
    await run('search', ['c3']);
    await expect(run('select', ['1'])).resolves.toMatchObject({ conversationId: 'c3' });
  });

  it('counts on over the pages of the list', async () => {
    const { ports, run } = setUp();
    ports.rows = Array.from({ length: 250 }, (_, index) => conversation(`n${index + 1}`));
    await expect(run('select', ['250'])).resolves.toMatchObject({ conversationId: 'n250' });
    await expect(run('select', ['251'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('renames the open one', async () => {
    const { ports, run } = setUp();
    await expect(run('rename', ['نوروز', 'plans'])).resolves.toMatchObject({
      code: 'CONVERSATION_RENAMED',
      params: { title: 'نوروز plans' },
    });
    expect(ports.rows[0]?.title).toBe('نوروز plans');
    await expect(run('rename', [' '])).rejects.toMatchObject({ code: 'BAD_REQUEST', params: { field: 'title' } });
    await expect(run('rename', ['x'], { conversationId: null })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('deletes the open one and leaves it', async () => {
    const { ports, run } = setUp();
    await expect(run('delete')).resolves.toEqual({
      type: 'notice',
      code: 'CONVERSATION_DELETED',
      params: { title: 'Title c1' },
      data: { conversationId: 'c1', title: 'Title c1' },
      conversationId: null,
    });
    expect(ports.rows.map((row) => row.id)).toEqual(['c2', 'c3']);
    await expect(run('delete', [], { conversationId: 'of-somebody-else' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('searches', async () => {
    const { ports, run } = setUp();
    const found = { number: 1, id: 'c2', title: 'Title c2', updatedAt: '2026-01-02T00:00:00.000Z' };
    await expect(run('search', ['Title', 'c2'])).resolves.toEqual({
      type: 'notice',
      code: 'SEARCH_RESULTS',
      params: { query: 'Title c2', count: 1 },
      data: { items: [found] },
    });
    await expect(run('search', ['nowhere'])).resolves.toEqual({ type: 'notice', code: 'SEARCH_EMPTY', params: { query: 'nowhere' } });
    await expect(run('search', [' '])).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(run('search', ['x'.repeat(300)])).rejects.toMatchObject({ code: 'BAD_REQUEST', params: { field: 'q' } });
    ports.rows = Array.from({ length: 30 }, (_, index) => conversation(`n${index}`));
    await expect(run('search', ['Title'])).resolves.toMatchObject({ params: { count: '20+' } });
  });
});

describe('models and settings', () => {
  it('shows the models and the one in use', async () => {
    const expected = { params: { model: 'demo' }, data: { models, model: 'demo' } };
    await expect(setUp().run('model')).resolves.toEqual({ type: 'notice', code: 'MODEL_CURRENT', ...expected });
  });

  it.each([
    [['gemini-2.5-pro'], 'gemini-2.5-pro'],
    [['Gemini', '2.5', 'Flash'], 'gemini-2.5-flash'],
    [['PRO'], 'gemini-2.5-pro'],
  ])('chooses a model by %j', async (args, id) => {
    const { ports, run } = setUp();
    await expect(run('model', args)).resolves.toMatchObject({ code: 'MODEL_SET', params: { model: id } });
    expect(ports.calls).toEqual([['update', 'u1', 'c1', { model: id }]]);
  });

  it('takes the choice back, and refuses a name that fits none or several', async () => {
    const { ports, run } = setUp();
    await expect(run('model', ['default'], { conversationId: null })).resolves.toMatchObject({ code: 'MODEL_SET' });
    expect(ports.calls).toEqual([['update', 'u1', null, { model: null }]]);
    await expect(run('model', ['gemini'])).rejects.toMatchObject({ params: { suggestions: 'gemini-2.5-flash, gemini-2.5-pro' } });
    await expect(run('model', ['demmo'])).rejects.toMatchObject({ code: 'BAD_REQUEST', params: { suggestions: 'demo' } });
  });

  it('shows and sets the level', async () => {
    const { ports, run } = setUp();
    await expect(run('level')).resolves.toMatchObject({ code: 'LEVEL_CURRENT', params: { level: 'auto' } });
    await expect(run('level', ['DEEP'])).resolves.toEqual({ type: 'notice', code: 'LEVEL_SET', params: { level: 'deep' } });
    expect(ports.calls).toEqual([['update', 'u1', 'c1', { level: 'deep' }]]);
  });

  it('shows the settings and whose they are', async () => {
    const { run } = setUp();
    const data = { settings: { model: 'demo' }, scope: 'conversation' };
    await expect(run('settings')).resolves.toEqual({ type: 'notice', code: 'SETTINGS', data });
    await expect(run('settings', [], { conversationId: null })).resolves.toMatchObject({ data: { scope: 'user' } });
  });

  it.each([
    [['system', 'Answer', 'in', 'Persian.'], { systemInstruction: 'Answer in Persian.' }],
    [['system', 'one\ntwo'], { systemInstruction: 'one\ntwo' }],
    [['system', 'off'], { systemInstruction: null }],
    [['temperature', '0.7'], { temperature: 0.7 }],
    [['Temperature', '۰٫۷'], { temperature: 0.7 }],
    [['temperature', 'off'], { temperature: null }],
    [['thinking', 'on'], { thinking: true }],
    [['thinking', 'OFF'], { thinking: false }],
    [['thinking', 'default'], { thinking: null }],
  ])('sets %j', async (args, patch) => {
    const { ports, run } = setUp();
    const data = { settings: { model: 'demo', ...patch }, scope: 'conversation' };
    await expect(run('settings', args)).resolves.toEqual({ type: 'notice', code: 'SETTINGS_SAVED', data });
    expect(ports.calls).toEqual([['update', 'u1', 'c1', patch]]);
  });

  it.each([
    [['temperature', '2.1']],
    [['temperature', 'hot']],
    [['temperature']],
    [['thinking', 'maybe']],
    [['system', 'x'.repeat(8193)]],
    [['colour', 'red']],
  ])('refuses %j', async (args) => {
    const { ports, run } = setUp();
    await expect(run('settings', args)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(ports.calls).toEqual([]);
  });
});

describe('answers', () => {
  it('stops what is being written here', async () => {
    const { ports, run } = setUp();
    await expect(run('stop')).resolves.toEqual({ type: 'notice', code: 'NOTHING_RUNNING' });
    ports.running = true;
    await expect(run('stop')).resolves.toEqual({ type: 'notice', code: 'STOPPED' });
    await expect(run('stop', [], { conversationId: null })).resolves.toEqual({ type: 'notice', code: 'NOTHING_RUNNING' });
    expect(ports.calls).toEqual([
      ['stopIn', 'u1', 'c1'],
      ['stopIn', 'u1', 'c1'],
    ]);
  });

  it.each([
    ['retry', 'regenerate', 'g1'],
    ['continue', 'continueAnswer', 'g2'],
  ])('starts one by /%s', async (name, method, generationId) => {
    const { ports, run } = setUp();
    const asker = { onAccepted: () => undefined };
    await expect(run(name, [], { asker })).resolves.toEqual({ type: 'accepted', generationId });
    expect(ports.calls).toEqual([[method, { user: sara, clientMessageId: 'm-client', conversationId: 'c1' }, asker]]);
    await expect(run(name, [], { conversationId: null })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('/export', () => {
  function withMessages() {
    const made = setUp();
    made.ports.rows = [conversation('c1', { title: 'A/B <script> "نوروز"', headId: 'm4' })];
    made.ports.pageSize = 2;
    made.ports.written.push(
      message('m4', 'm1', [{ type: 'text', text: 'new answer\n```js\nif (a < b) "x"\n```' }], { role: 'assistant', model: 'demo' }),
      message('m3', 'm2', [{ type: 'text', text: 'on the old branch' }]),
      message('m2', 'm1', [{ type: 'text', text: 'old answer' }], { role: 'assistant', status: 'stopped' }),
      message('m1', null, [
        { type: 'text', text: '<img src=x onerror=alert(1)> سلام & "hi"' },
        { type: 'source', url: 'javascript:alert(1)', title: 'bad' },
        { type: 'source', url: 'https://example.org/?a="b"', title: 'good' },
      ]),
    );
    const dataOf = async (args: string[]) => {
      const outcome = await made.run('export', args);
      if (outcome.type !== 'notice') throw new Error('not a notice');
      return outcome.data as { filename: string; mime: string; content: string };
    };
    return { ...made, dataOf };
  }

  it('writes the shown branch as Markdown with a heading per turn', async () => {
    const { dataOf, run } = withMessages();
    const { filename, mime, content } = await dataOf(['md']);
    expect(filename).toBe('A-B-script-نوروز.md');
    expect(mime).toBe('text/markdown; charset=utf-8');
    expect(content).toContain('# A/B \\<script\\> "نوروز"\n\n## You · 2026-01-01T00:00:00.000Z\n\n<img');
    expect(content).toContain('## Answer (demo) · 2026-01-01T00:00:00.000Z\n\nnew answer\n```js\nif (a < b) "x"\n```\n');
    expect(content).not.toMatch(/old answer|old branch|javascript:/);
    await expect(run('export')).resolves.toMatchObject({ code: 'EXPORTED', params: { format: 'md' } });
  });

  it('writes everything as JSON, oldest first', async () => {
    const { dataOf, ports } = withMessages();
    const { filename, content } = await dataOf(['JSON']);
    expect(filename).toBe('A-B-script-نوروز.json');
    expect(JSON.parse(content)).toEqual({ conversation: ports.rows[0], messages: ports.written.toReversed() });
  });

  it('writes a page in which nothing of the texts is markup', async () => {
    const { content, mime } = await withMessages().dataOf(['html']);
    expect(mime).toBe('text/html; charset=utf-8');
    expect(content).not.toMatch(/<script|<img|javascript:|old answer/);
    expect(content).toContain('<div class="text" dir="auto">&lt;img src=x onerror=alert(1)&gt; سلام &amp; &quot;hi&quot;</div>');
    expect(content).toContain('<pre dir="ltr"><code>if (a &lt; b) &quot;x&quot;</code></pre>');
    expect(content).toContain('href="https://example.org/?a=&quot;b&quot;"');
    expect(content.match(/<article class="(?:user|assistant)" dir="auto">/g)).toHaveLength(2);
    expect(content).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
  });

  it.each([
    ['../../etc/passwd', 'etc-passwd.md'],
    ['CON', 'conversation-CON.md'],
    ['\u202egpj.exe', 'gpj-exe.md'],
    ['***', 'conversation.md'],
    ['x'.repeat(200), `${'x'.repeat(60)}.md`],
    ['می\u200cروم', 'می-روم.md'],
  ])('names the file of %j %s', async (title, filename) => {
    const { ports, dataOf } = withMessages();
    ports.rows = [conversation('c1', { title })];
    expect((await dataOf([])).filename).toBe(filename);
  });

  it('stops reading when nobody waits any more', async () => {
    const { run } = withMessages();
    const controller = new AbortController();
    controller.abort();
    await expect(run('export', [], { signal: controller.signal })).rejects.toThrow();
  });
});
