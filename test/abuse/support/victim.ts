import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { type FakeGemini, startFakeGemini } from '../../support/fake-gemini.ts';
import { type ServerProcess, startServerProcess } from '../../support/server-process.ts';
import { WsClient } from '../../support/ws-client.ts';

/** A person of the attacked server, with what they own. */
export interface Person {
  readonly token: string;
  readonly email: string;
  readonly password: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly generationId: string;
}

/** The real program as a process of its own, with two people in it: who attacks, and who must notice nothing. */
export interface Victim {
  readonly port: number;
  readonly origin: string;
  readonly attacker: Person;
  readonly bystander: Person;
  readonly gemini: FakeGemini;
  readonly lines: readonly string[];
  /** A socket of the attacker that has said hello. */
  socket(): Promise<WsClient>;
  /** Whether the process lives and the bystander is served, over HTTP and over the socket that was open all the time. */
  isWell(): Promise<boolean>;
  /** Ends the server, keeps its data. @returns how many documents each collection holds */
  stopAndCount(): Promise<Record<string, number>>;
  /** Every byte that the server stored, as text. After `stopAndCount`. */
  stored(): Promise<string>;
  dispose(): Promise<void>;
}

/** No limit on how often: an attack must fail for what it is, not because it came too fast. */
const unhurried = {
  LIMIT_MESSAGES_PER_MINUTE: '0',
  LIMIT_FRAMES_PER_MINUTE: '0',
  LIMIT_SOCKETS_PER_USER: '0',
  LIMIT_LOGINS_PER_MINUTE_PER_IP: '0',
  LIMIT_SIGNUPS_PER_HOUR_PER_IP: '0',
};

export const secrets = { key: 'CANARY-gemini-key-0123456789', jwt: 'CANARYjwt+Zx8Qm2vR7tLk5Np9Ws3Yb6Hc1Fd4Gj0' };

export async function startVictim(env: Readonly<Record<string, string>> = {}): Promise<Victim> {
  const dataDir = await mkdtemp(join(tmpdir(), 'jarvis-abuse-'));
  const gemini = await startFakeGemini();
  const server = await startServerProcess({
    DATA_DIR: dataDir,
    GEMINI_API_KEY: secrets.key,
    GEMINI_BASE_URL: gemini.url('ok'),
    JWT_SECRET_KEY: secrets.jwt,
    LOG_LEVEL: 'debug',
    ...unhurried,
    ...env,
  });
  const attacker = await settle(server, 'mallory');
  const bystander = await settle(server, 'ada');
  const watching = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
  await watching.hello(bystander.token);
  let stopped = false;

  async function stop(): Promise<void> {
    if (stopped) return;
    stopped = true;
    server.kill('SIGTERM');
    await server.exited;
  }

  return {
    port: server.port,
    origin: server.origin,
    attacker,
    bystander,
    gemini,
    lines: server.lines,
    async socket() {
      const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
      await client.hello(attacker.token);
      return client;
    },
    async isWell() {
      const [health, me, pong] = await Promise.all([
        fetch(`${server.origin}/healthz`),
        fetch(`${server.origin}/api/auth/me`, { headers: { authorization: `Bearer ${bystander.token}` } }),
        watching.request({ type: 'ping' }),
      ]);
      return health.status === 200 && me.status === 200 && pong.type === 'pong' && watching.faults.length === 0;
    },
    async stopAndCount() {
      await stop();
      return countRows(join(dataDir, 'jarvis-argus.db'));
    },
    stored: () => allBytes(dataDir),
    async dispose() {
      await stop();
      await gemini.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function settle(server: ServerProcess, name: string): Promise<Person> {
  const email = `${name}@example.org`;
  const password = `correct horse battery ${name}`;
  const response = await fetch(`${server.origin}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, email, password }),
  });
  const { token } = (await response.json()) as { token: string };
  const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws`);
  await client.hello(token);
  const accepted = await client.ask(`the first message of ${name}`);
  await client.finished(accepted.generationId);
  await client.wait((frame) => frame.type === 'conversation.updated' && frame.conversation.running !== true);
  client.terminate();
  const { conversation, answer, generationId } = accepted;
  return { token, email, password, conversationId: conversation.id, messageId: answer.id, generationId };
}

function countRows(file: string): Record<string, number> {
  const db = new Database(file, { readonly: true });
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'c\\_%' ESCAPE '\\'")
      .raw()
      .all() as string[][];
    const counted = tables.map(([table = '']) => {
      const [row] = db.prepare(`SELECT count(*) FROM "${table}"`).raw().all() as number[][];
      return [table.slice(2), row?.[0] ?? 0] as const;
    });
    return Object.fromEntries(counted);
  } finally {
    db.close();
  }
}

async function allBytes(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return contents.join('\n');
}
