import type { CommandContext } from '../../../src/commands/command.ts';
import type { CommandPorts, GrantedSession } from '../../../src/commands/ports.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import type { LogFields, Logger } from '../../../src/lib/logger.ts';
import type { Conversation, Finding, Job, Message, ModelInfo, Part, PluginInfo, Settings, User } from '../../../src/protocol/index.ts';

export const sara: User = { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'user' };

export function contextFor(changes: Partial<CommandContext> = {}): CommandContext {
  return {
    user: sara,
    sid: 's1',
    client: { addressKey: '192.0.2.1' },
    conversationId: 'c1',
    clientMessageId: 'm-client',
    signal: new AbortController().signal,
    ...changes,
  };
}

export const anonymous = { user: null, sid: null, conversationId: null };

export interface RecordingLogger extends Logger {
  readonly records: unknown[];
}

export function recordingLogger(records: unknown[] = []): RecordingLogger {
  const record = (fields: LogFields, message: string): void => {
    records.push({ fields, message });
  };
  return { records, debug: record, info: record, warn: record, error: record, child: () => recordingLogger(records) };
}

export function conversation(id: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    id,
    title: `Title ${id}`,
    headId: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
    ...changes,
  };
}

export function message(id: string, parentId: string | null, parts: Part[], changes: Partial<Message> = {}): Message {
  return {
    id,
    conversationId: 'c1',
    parentId,
    role: 'user',
    status: 'complete',
    parts,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

export const models: ModelInfo[] = [
  { id: 'demo', label: 'Demo', provider: 'built-in', thinking: false, images: false },
  { id: 'gemini-2.5-flash', label: 'Gemini 2.5 Flash', provider: 'google', thinking: true, images: true },
  { id: 'gemini-2.5-pro', label: 'Gemini 2.5 Pro', provider: 'google', thinking: true, images: true },
];

export function plugin(name: string): PluginInfo {
  const lists = { processors: [], commands: [], actions: [], starters: [], models: [] };
  return { name, version: '1.0.0', title: { en: name }, description: { en: '' }, state: 'ready', ...lists };
}

/** Small ports that remember what they were told; conversations belong to `u1` and are kept newest first. */
export interface FakePorts extends CommandPorts {
  readonly calls: unknown[][];
  rows: Conversation[];
  readonly written: Message[];
  running: boolean;
  current: Settings;
  /** How many messages a page holds at most, whatever is asked for. */
  pageSize: number;
  findings: Finding[];
  plugged: PluginInfo[];
  jobRows: Job[];
}

export function createFakePorts(): FakePorts {
  const calls: unknown[][] = [];
  const granted: GrantedSession = { user: sara, sid: 's-new', token: 'token-of-session', expiresAt: '2026-02-01T00:00:00.000Z' };
  const ports: FakePorts = {
    calls,
    rows: [conversation('c1'), conversation('c2'), conversation('c3')],
    written: [],
    running: false,
    current: { model: 'demo' },
    pageSize: 200,
    findings: [],
    plugged: [],
    jobRows: [],
    accounts: {
      signup: async (body, client) => (calls.push(['signup', body, client]), granted),
      login: async (body, client) => (calls.push(['login', body, client]), granted),
      logout: async (sid) => void calls.push(['logout', sid]),
      changePassword: async (...args) => void calls.push(['changePassword', ...args]),
      grantCode: (userId, sid) => `code-${userId}-${sid}`,
    },
    conversations: conversationsOf(() => ports),
    generations: {
      stopIn: async (userId, id) => (calls.push(['stopIn', userId, id]), ports.running),
      regenerate: async (request, asker) => (calls.push(['regenerate', request, asker]), { generationId: 'g1' }),
      continueAnswer: async (request, asker) => (calls.push(['continueAnswer', request, asker]), { generationId: 'g2' }),
    },
    settings: {
      get: async () => ports.current,
      update: async (userId, id, patch) => {
        calls.push(['update', userId, id, patch]);
        ports.current = { ...ports.current, ...patch };
        return ports.current;
      },
    },
    models: { list: async () => models, current: async () => ports.current.model ?? 'demo' },
    usage: {
      of: async (userId) => {
        calls.push(['usage', userId]);
        const today = { requests: 2, inputTokens: 100, outputTokens: 50, costMicroUsd: 1234 };
        const limits = { tokensPerDay: 0, centsPerDay: 0, centsPerMonth: 0, warnPercent: 80 };
        return { day: '2026-11-22', month: '2026-11', today, thisMonth: { ...today, costMicroUsd: 2_500_000 }, limits };
      },
    },
    doctor: { examine: async (user) => (calls.push(['doctor', user.id]), ports.findings) },
    jobs: {
      list: async (userId, { limit }) => ({ items: ports.jobRows.filter(() => userId === sara.id).slice(0, limit), nextCursor: null }),
    },
    plugins: {
      list: async () => ports.plugged,
      async change(user, name, patch) {
        calls.push(['changePlugin', user.id, name, patch]);
        return { ...plugin(name), state: patch.enabled === false ? 'disabled' : 'ready' };
      },
    },
  };
  return ports;
}

function conversationsOf(ports: () => FakePorts): CommandPorts['conversations'] {
  const find = (userId: string, id: string): Conversation => {
    const row = ports().rows.find((candidate) => candidate.id === id);
    if (row === undefined || userId !== sara.id) throw new AppError('NOT_FOUND');
    return row;
  };
  return {
    async list(_userId, { q, limit = 20, cursor }) {
      ports().calls.push(['list', q]);
      const start = Number(cursor ?? 0);
      const matching = ports().rows.filter((row) => q === undefined || row.title.includes(q));
      const end = start + limit;
      return { items: matching.slice(start, end), nextCursor: end < matching.length ? String(end) : null };
    },
    get: async (userId, id) => find(userId, id),
    async patch(userId, id, { title }) {
      const changed = { ...find(userId, id), ...(title === undefined ? {} : { title }) };
      ports().rows = ports().rows.map((row) => (row.id === id ? changed : row));
      return changed;
    },
    async remove(userId, id) {
      find(userId, id);
      ports().rows = ports().rows.filter((row) => row.id !== id);
    },
    async messages(userId, id, { before, limit = 50 }) {
      find(userId, id);
      const start = Number(before ?? 0);
      const end = start + Math.min(limit, ports().pageSize);
      return { items: ports().written.slice(start, end), nextCursor: end < ports().written.length ? String(end) : null };
    },
  };
}
