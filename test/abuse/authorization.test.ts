import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BaseChatModel, type ModelEvent, type ModelRequest, type ModelStreamOptions } from '../../src/core/index.ts';
import { clientFrameSchema, type ModelInfo, type ServerFrame } from '../../src/protocol/index.ts';
import type { JobExecutor } from '../../src/services/ports/job-executor.ts';
import { readEmbeddedStore } from '../support/embedded-snapshot.ts';
import { createFakeExecutor, createFakeKinds } from '../support/job-fakes.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { WsClient } from '../support/ws-client.ts';
import {
  type Asker,
  canary,
  frameRows,
  pictureForm,
  type Role,
  type Row,
  roles,
  routeRows,
  type Seed,
  searched,
} from './authorization-matrix.ts';

/** Everybody of the table. A disabled person still holds the token of before. */
interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

const password = 'correct horse battery';

/** Answers by what it is asked: tells something, says something and goes on for ever, or says nothing at all. */
class AnsweringModel extends BaseChatModel<object> {
  constructor() {
    super('scripted', '1', {});
  }

  async list(): Promise<readonly ModelInfo[]> {
    return [{ id: 'scripted', label: 'scripted', provider: 'scripted', thinking: false, images: true }];
  }

  protected async *generate({ turns }: ModelRequest, { signal }: ModelStreamOptions): AsyncGenerator<ModelEvent> {
    const asked = turns.at(-1)?.text ?? '';
    if (!asked.endsWith('waits')) yield { type: 'text', text: asked.includes(canary) ? `${canary} ${searched} is told` : 'Well.' };
    if (asked.endsWith('waits') || asked.endsWith('stops'))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    else yield { type: 'finish', reason: 'STOP', outcome: 'complete' };
  }
}

const fakeExecutor = createFakeExecutor();
const jobExecutor: JobExecutor = {
  run(order, events) {
    const work = fakeExecutor.run(order, events);
    void fakeExecutor.next().then((run) => (order.params['factor'] === 1 ? events.onPreview(Buffer.from(canary)) : run.succeed()));
    return work;
  },
};

let app: TestApp;
let people: Record<Exclude<Role, 'anonymous'>, Person>;
let file: string;
let names = 0;

const fresh = () => {
  names += 1;
  return `fresh-${names}`;
};

async function post(path: string, body: object, token?: string): Promise<{ status: number; body: never }> {
  const response = await app.request(path, { method: 'POST', body: JSON.stringify(body), ...(token === undefined ? {} : { token }) });
  return { status: response.status, body: (await response.json()) as never };
}

async function signup(name: string): Promise<Person> {
  const email = `${name}@example.org`;
  const { body } = await post('/api/auth/signup', { name, email, password });
  const { user, token } = body as { user: { id: string }; token: string };
  return { id: user.id, email, token };
}

async function signIn({ email }: Person): Promise<string> {
  const { body } = await post('/api/auth/login', { email, password });
  return (body as { token: string }).token;
}

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'jarvis-matrix-'));
  await mkdir(join(dataDir, 'no-client'));
  await writeFile(join(dataDir, 'no-client', 'index.html'), '<!doctype html><title>page</title>');
  const env = {
    JOB_CONCURRENCY: '8',
    INFERENCE_THREADS: '8',
    LIMIT_FRAMES_PER_MINUTE: '0',
    LIMIT_GENERATIONS_PER_USER: '0',
    LIMIT_SOCKETS_PER_USER: '0',
    METRICS_TOKEN: '',
  };
  app = await startTestApp({
    models: [new AnsweringModel()],
    env,
    dataDir,
    jobExecutor,
    jobKinds: createFakeKinds(),
    pluginsFolder: 'test/fixtures/plugin-sets/good',
  });
  // The first one is the administrator.
  const admin = await signup('admin');
  people = { admin, owner: await signup('owner'), other: await signup('other'), disabled: await signup('disabled') };
  const disabling = JSON.stringify({ disabled: true });
  const { status } = await app.request(`/api/admin/users/${people.disabled.id}`, { method: 'PATCH', body: disabling, token: admin.token });
  expect(status).toBe(200);
  const upload = await app.request('/api/uploads', { method: 'POST', body: pictureForm(), token: people.owner.token });
  file = ((await upload.json()) as { file: { id: string } }).file.id;
});
afterAll(() => app.close());

/** What takes long to make, or may not be made often. */
interface Needs {
  readonly jobs: boolean;
  readonly share: boolean;
  /** A folder and a prompt. */
  readonly library: boolean;
}
const nothing: Needs = { jobs: false, share: false, library: false };

/** What the owner has for one row: an ended answer, a stopped one, a running one, a deleted conversation, a picture, another session. */
async function seedFor(client: WsClient, token: string, { jobs, share, library }: Needs): Promise<Seed> {
  const ended = await client.ask(`${canary} ${searched} asks`);
  await client.finished(ended.generationId);
  const stopped = await client.ask(`${canary} stops`);
  await client.waitFor('generation.delta', (frame) => frame.generationId === stopped.generationId);
  await client.request({ type: 'generation.stop', generationId: stopped.generationId });
  await client.finished(stopped.generationId);
  // It says nothing yet, so that nothing of it is written while snapshots are compared.
  const running = await client.ask(`${canary} waits`);
  await client.request({ type: 'draft.update', conversationId: ended.conversation.id, text: `${canary} drafts` });
  const { conversation: deleted } = (await post('/api/conversations', { title: canary }, token)).body as { conversation: { id: string } };
  await app.request(`/api/conversations/${deleted.id}`, { method: 'DELETE', token });
  const shared = share ? await post(`/api/conversations/${ended.conversation.id}/shares`, {}, token) : null;
  const sessionToken = await signIn(people.owner);
  const listed = await app.request('/api/auth/sessions', { token: sessionToken });
  const sessions = ((await listed.json()) as { items: { id: string; current: boolean }[] }).items;
  return {
    userId: people.owner.id,
    conversation: ended.conversation.id,
    message: ended.message.id,
    answer: ended.answer.id,
    generation: ended.generationId,
    stoppedConversation: stopped.conversation.id,
    stopped: stopped.answer.id,
    runningConversation: running.conversation.id,
    running: running.generationId,
    deleted: deleted.id,
    file,
    session: sessions.find(({ current }) => current)?.id ?? '',
    ...(jobs ? { job: await jobFor(client, token, 1), made: await jobFor(client, token, 2) } : { job: '', made: '' }),
    share: (shared?.body as { share: { id: string } } | undefined)?.share.id ?? '',
    ...(library ? await libraryFor(token) : { folder: '', prompt: '' }),
  };
}

async function libraryFor(token: string): Promise<Pick<Seed, 'folder' | 'prompt'>> {
  const { folder } = (await post('/api/folders', { name: canary }, token)).body as { folder: { id: string } };
  const { prompt } = (await post('/api/prompts', { title: canary, text: canary }, token)).body as { prompt: { id: string } };
  return { folder: folder.id, prompt: prompt.id };
}

/** Runs for ever and shows something, or makes a picture. */
async function jobFor(client: WsClient, token: string, factor: number): Promise<string> {
  const clientJobId = `${canary}-${fresh()}`;
  // Never the same picture twice: that would be served from what was made before.
  const body = { clientJobId, kind: 'test.copy', params: { factor: factor === 1 ? 1 : factor + names } };
  const { jobId } = (await post('/api/jobs', body, token)).body as { jobId: string };
  await client.waitFor(
    'job.updated',
    ({ job }) => job.id === jobId && (factor === 1 ? job.preview !== undefined : job.status === 'succeeded'),
  );
  return jobId;
}

const unknownSeed: Seed = {
  userId: 'unknown',
  conversation: 'unknown',
  message: 'unknown',
  answer: 'unknown',
  generation: 'unknown',
  stoppedConversation: 'unknown',
  stopped: 'unknown',
  runningConversation: 'unknown',
  running: 'unknown',
  deleted: 'unknown',
  file: 'unknown',
  session: 'unknown',
  job: 'unknown',
  made: 'unknown',
  share: 'unknown',
  folder: 'unknown',
  prompt: 'unknown',
};

/** What a role gets: a short word for the table, and all of it but the request's id, to compare. */
interface Outcome {
  readonly word: string;
  readonly whole: string;
}

interface Turn {
  readonly row: Row;
  readonly seed: Seed;
  readonly token: string | undefined;
  readonly asker: Asker;
}

async function callRoute(key: string, { row, seed, token, asker }: Turn): Promise<Outcome> {
  const [method = '', pattern = ''] = (key.split('#')[0] ?? '').split(' ');
  const path =
    pattern.replace(/:(?:id|name)/, row.id?.(seed) ?? '') +
    (row.query ?? '').replace('{conversation}', seed.conversation).replace('{folder}', seed.folder);
  const body = row.body?.(seed, asker);
  const sent = body === undefined ? {} : { body: body instanceof FormData || body instanceof Blob ? body : JSON.stringify(body) };
  const response = await app.request(path, { method, ...sent, ...(token === undefined ? {} : { token }) });
  const text = await response.text();
  const whole = text.replace(/"requestId":"[^"]*"/, '"requestId":""');
  const code = /^\{"error":\{"code":"([A-Z_]+)"/.exec(text)?.[1];
  return { word: code === undefined ? String(response.status) : `${response.status} ${code}`, whole: `${response.status} ${whole}` };
}

function wordOf(frame: ServerFrame): string {
  return frame.type === 'error' ? `error ${frame.code}` : frame.type;
}

async function callFrame(key: string, { row, seed, token, asker }: Turn): Promise<Outcome> {
  const type = key.split('#')[0] ?? '';
  const body = row.body?.(seed, asker) ?? {};
  const client = await WsClient.connect(`ws://127.0.0.1:${app.port}/ws`);
  try {
    const hello = await client.request({ type: 'hello', version: 1, ...(token === undefined ? {} : { token }) });
    const refused = hello.type !== 'welcome';
    const answer = refused ? hello : await client.request({ ...body, type });
    // What else comes has come before this is answered.
    if (!refused) await client.request({ type: 'ping' });
    expect(client.faults).toEqual([]);
    const sent = refused ? client.frames : client.frames.slice(1);
    return { word: wordOf(answer), whole: JSON.stringify(sent).replaceAll(/"(replyTo|requestId)":"[^"]*"/g, '""') };
  } finally {
    client.terminate();
  }
}

/** Times and counts that go on by themselves. */
const moving = new Set(['lastSeenAt', 'leaseUntil', 'charge', 'uncounted']);

/** Everything in the store that names the owner. */
function belongings(): string[] {
  const rows = Object.entries(readEmbeddedStore(app.dataDir)).flatMap(([collection, documents]) =>
    documents.map(
      (document) => `${collection} ${JSON.stringify(document, (key, value: unknown) => (moving.has(key) ? undefined : value))}`,
    ),
  );
  return rows.filter((row) => row.includes(people.owner.id) && !row.startsWith('usage '));
}

async function tokenOf(role: Role): Promise<string | undefined> {
  if (role === 'anonymous') return undefined;
  // Rows end sessions: each row has its own. The disabled person cannot sign in any more.
  return role === 'disabled' ? people.disabled.token : signIn(people[role]);
}

async function checkRow(row: Row, call: (turn: Turn) => Promise<Outcome>, needs = nothing): Promise<void> {
  const ownerToken = await tokenOf('owner');
  const owner = await app.connect(ownerToken);
  const seed = await seedFor(owner, ownerToken ?? '', needs);
  const outcomes: Record<string, string> = {};
  const tokens = new Map<Role, string | undefined>([['owner', ownerToken]]);
  const ask = async (role: Role, what: Seed) => {
    if (!tokens.has(role)) tokens.set(role, await tokenOf(role));
    const { email } = role === 'anonymous' ? { email: 'nobody@example.org' } : people[role];
    return call({ row, seed: what, token: tokens.get(role), asker: { email, password, fresh: fresh() } });
  };
  const before = belongings();
  const foreign = roles.filter(
    (role) => role !== 'owner' && !(role === 'admin' && row.expected.owner !== row.expected.admin && !row.owned),
  );
  for (const role of foreign) {
    const outcome = await ask(role, seed);
    outcomes[role] = outcome.word;
    expect(outcome.whole, `${role} is sent something of the owner`).not.toContain(canary);
    if (row.owned) expect(outcome.whole, `${role} can tell a foreign id from an unknown one`).toBe((await ask(role, unknownSeed)).whole);
  }
  expect(belongings(), 'something of the owner was changed').toEqual(before);
  // The administrator last: what is meant for that role may end the owner's session.
  for (const role of ['owner', 'admin'] as const) if (!foreign.includes(role)) outcomes[role] = (await ask(role, seed)).word;
  expect(outcomes).toEqual(row.expected);
  owner.terminate();
  const token = await signIn(people.owner);
  await app.request(`/api/conversations/${seed.runningConversation}`, { method: 'DELETE', token });
  if (needs.jobs) await app.request(`/api/jobs/${seed.job}`, { method: 'DELETE', token });
}

/** Without what tells several rows of one route apart. */
function namesOf(rows: Readonly<Record<string, Row>>): string[] {
  return [...new Set(Object.keys(rows).map((key) => key.replace(/#.*$/, '')))].sort();
}

describe('the routes', () => {
  it('all have a row that says who may use them, and no row is of a route that is gone', () => {
    // One is not there: what is added to /api/admin later is behind the same guard.
    const served = new Set(['GET /api/admin/nothing', ...app.routes().map(({ method, path }) => `${method} ${path}`)]);
    expect(namesOf(routeRows)).toEqual([...served].sort());
  });

  it.each(Object.entries(routeRows))('%s', (key, row) =>
    checkRow(row, (turn) => callRoute(key, turn), {
      jobs: /api.(?:jobs|gallery)/.test(key),
      share: /api.shares/.test(key),
      library: /folder|prompt/.test(key),
    }),
  );
});

describe('the frames', () => {
  it('all have a row that says who may send them, and no row is of a frame that is gone', () => {
    const types = clientFrameSchema.options.map((option) => option.shape.type.value);
    expect(namesOf(frameRows)).toEqual([...types].sort());
  });

  it.each(Object.entries(frameRows))('%s', (key, row) => checkRow(row, (turn) => callFrame(key, turn)));
});
