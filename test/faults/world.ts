import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conversation, Message, StoredFile } from '../../src/protocol/index.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { WsClient } from '../support/ws-client.ts';
import { Oracle } from './oracle.ts';

export interface WorldOptions {
  /** The built server. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Shared between worlds; else each has its own. */
  readonly oracle?: Oracle;
}

export interface Person {
  readonly token: string;
  readonly id: string;
}

/** Nothing of this is what a case is about; each may be set back by its own `env`. */
const calm = {
  LIMIT_MESSAGES_PER_MINUTE: '0',
  LIMIT_FRAMES_PER_MINUTE: '0',
  LIMIT_GENERATIONS_PER_USER: '0',
  LIMIT_SOCKETS_PER_USER: '0',
  LIMIT_SOCKETS_PER_IP: '0',
  LIMIT_SIGNUPS_PER_HOUR_PER_IP: '0',
  DRAIN_MS: '4000',
};

let people = 0;

/**
 * The real server as a process of its own, a fake Gemini that remembers what it said (`oracle`), and proxies that break:
 * `wire` between browser and server, `upstream` between server and model. One person, Ada, is signed up.
 */
export class World {
  readonly oracle: Oracle;
  readonly wire: TcpProxy;
  readonly upstream: TcpProxy;
  readonly dataDir: string;
  /** Every tab that was ever open, the closed ones too. */
  readonly tabs: WsClient[] = [];
  readonly #options: WorldOptions;
  readonly #target: { host: string; port: number };
  #server: ServerProcess | null = null;
  #ada: Person | null = null;

  private constructor(
    options: WorldOptions,
    parts: { oracle: Oracle; wire: TcpProxy; upstream: TcpProxy; dataDir: string; target: World['target'] },
  ) {
    this.#options = options;
    this.oracle = parts.oracle;
    this.wire = parts.wire;
    this.upstream = parts.upstream;
    this.dataDir = parts.dataDir;
    this.#target = parts.target;
  }

  static async open(options: WorldOptions): Promise<World> {
    const oracle = options.oracle ?? (await Oracle.start());
    const target = { host: '127.0.0.1', port: 0 };
    const wire = await createTcpProxy(target);
    const upstream = await createTcpProxy({ host: '127.0.0.1', port: oracle.gemini.port });
    const dataDir = await mkdtemp(join(tmpdir(), 'jarvis-faults-'));
    const world = new World(options, { oracle, wire, upstream, dataDir, target });
    await world.start();
    world.#ada = await world.signUp('Ada');
    return world;
  }

  get target(): { host: string; port: number } {
    return this.#target;
  }

  get server(): ServerProcess {
    if (this.#server === null) throw new Error('the server does not run');
    return this.#server;
  }

  get runs(): boolean {
    return this.#server !== null;
  }

  get ada(): Person {
    if (this.#ada === null) throw new Error('nobody is signed up');
    return this.#ada;
  }

  /** Starts the server on the same data; ready when it resolves. */
  async start(env: Readonly<Record<string, string>> = {}, options: Parameters<typeof startServerProcess>[1] = {}): Promise<ServerProcess> {
    const server = await startServerProcess(
      {
        ...calm,
        DATA_DIR: this.dataDir,
        GEMINI_API_KEY: 'test-key',
        GEMINI_BASE_URL: this.oracle.url(this.upstream.port),
        ...this.#options.env,
        ...env,
      },
      { program: this.#options.program, ...options },
    );
    this.#server = server;
    this.#target.port = server.port;
    return server;
  }

  /** kill -9, at once; resolves when the process is gone. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.kill('SIGKILL');
    await server?.exited;
  }

  /** SIGTERM. @returns the exit code */
  async terminate(): Promise<number | null> {
    const server = this.server;
    server.kill('SIGTERM');
    const { code } = await server.exited;
    this.#server = null;
    return code;
  }

  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.kill();
    await this.start(env);
  }

  /** Past every proxy. */
  request(path: string, init: RequestInit & { person?: Person } = {}): Promise<Response> {
    const { person = this.#ada, ...rest } = init;
    const auth: Record<string, string> = person === null ? {} : { authorization: `Bearer ${person.token}` };
    const type: Record<string, string> = typeof rest.body === 'string' ? { 'content-type': 'application/json' } : {};
    return fetch(`${this.server.origin}${path}`, {
      ...rest,
      headers: { ...type, ...auth, ...Object.fromEntries(new Headers(rest.headers)) },
    });
  }

  async signUp(name: string): Promise<Person> {
    people += 1;
    const body = JSON.stringify({
      name,
      email: `${name}.${people}.${Date.now()}@example.org`.toLowerCase(),
      password: 'correct horse battery',
    });
    const response = await this.request('/api/auth/signup', { method: 'POST', body });
    if (!response.ok) throw new Error(`sign-up failed: ${await response.text()}`);
    const { token, user } = (await response.json()) as { token: string; user: { id: string } };
    return { token, id: user.id };
  }

  /** A new tab, through the wire, that has said hello. @param wire another way to the server */
  async tab(options: { person?: Person; wire?: { readonly port: number } } = {}): Promise<WsClient> {
    const { person = this.ada, wire = this.wire } = options;
    const tab = await WsClient.connect(`ws://127.0.0.1:${wire.port}/ws`);
    this.tabs.push(tab);
    await tab.hello(person.token);
    return tab;
  }

  /** The same reader on a new connection, which goes on where the old one was cut, in one of the two ways that there are. */
  async reconnect(before: WsClient, how: 'resume' | 'attach', wire: { readonly port: number } = this.wire): Promise<WsClient> {
    const tab = await WsClient.connect(`ws://127.0.0.1:${wire.port}/ws`);
    this.tabs.push(tab);
    const open = tab.takeOver(before);
    if (how === 'resume') await tab.hello(this.ada.token, { resume: open });
    else {
      await tab.hello(this.ada.token);
      for (const one of open) tab.send({ type: 'generation.attach', ...one });
    }
    return tab;
  }

  /** Another wire to the server, with faults of its own. The caller closes it. */
  newWire(): Promise<TcpProxy> {
    return createTcpProxy(this.#target);
  }

  /** All messages of a conversation as stored, newest first; none where there is no such conversation. */
  async messages(conversationId: string): Promise<Message[]> {
    const items: Message[] = [];
    let before = '';
    for (;;) {
      const response = await this.request(`/api/conversations/${conversationId}/messages?limit=100${before}`);
      if (response.status === 404) return [];
      if (!response.ok) throw new Error(`messages: ${response.status} ${await response.text()}`);
      const page = (await response.json()) as { items: Message[]; nextCursor: string | null };
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      before = `&before=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  /** Every message of every conversation of Ada. */
  async allMessages(): Promise<Message[]> {
    const messages: Message[] = [];
    let cursor = '';
    for (;;) {
      const page = (await (await this.request(`/api/conversations?limit=100${cursor}`)).json()) as {
        items: Conversation[];
        nextCursor: string | null;
      };
      for (const conversation of page.items) messages.push(...(await this.messages(conversation.id)));
      if (page.nextCursor === null) return messages;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  /** @throws when it is not stored */
  async upload(picture: Uint8Array, signal?: AbortSignal): Promise<StoredFile> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(picture)], { type: 'image/png' }), 'picture.png');
    const init = { method: 'POST', body: form, headers: { 'sec-fetch-site': 'same-origin' }, ...(signal === undefined ? {} : { signal }) };
    const response = await this.request('/api/uploads', init);
    if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { file: StoredFile }).file;
  }

  /** Bytes of memory that the server holds. Linux. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.server.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** What any tab ever saw that it should not have seen. */
  faults(): string[] {
    return this.tabs.flatMap((tab) => tab.faults);
  }

  closeTabs(): void {
    for (const tab of this.tabs.splice(0)) tab.terminate();
  }

  async close(): Promise<void> {
    this.closeTabs();
    await this.kill();
    await Promise.all([this.wire.close(), this.upstream.close()]);
    if (this.#options.oracle === undefined) await this.oracle.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
