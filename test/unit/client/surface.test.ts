import { describe, expect, it } from 'vitest';
import { createSurface } from '../../../public/app/state/surface.ts';
import type { ClientFrame } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame, ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { ModeInfo, ProfileInfo } from '../../../src/protocol/surface-shapes.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const depth: ModeInfo = {
  id: 'depth',
  title: { en: 'Depth' },
  options: [
    { id: 'short', title: { en: 'Short' } },
    { id: 'long', title: { en: 'Long' }, default: true },
  ],
};
const pace: ModeInfo = { id: 'pace', title: { en: 'Pace' }, options: [{ id: 'fast', title: { en: 'Fast' } }] };
const guide: ProfileInfo = { id: 'p.guide', title: { en: 'Guide' }, starters: [], fields: [], modes: [depth] };
const plain: ProfileInfo = { id: 'p.plain', title: { en: 'Plain' }, starters: [], fields: [], modes: [] };
const conversation = (change: Partial<Conversation> = {}): Conversation => ({
  id: 'c1',
  title: '',
  headId: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

function welcome(userId: string | null, change: Partial<ServerFrameOf<'welcome'>> = {}): ServerFrameOf<'welcome'> {
  const base = {
    type: 'welcome',
    version: 1,
    user: userId === null ? null : { id: userId, name: 'Ada', email: 'a@example.org', role: 'user' },
    surface: { profiles: [guide, plain], modes: [pace], links: [], readme: false, theme: false },
    asks: [],
    ...change,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the surface reads of it
  return base as unknown as ServerFrameOf<'welcome'>;
}

function setup() {
  const store = createMemoryStore();
  const sent: ClientFrame[] = [];
  const patches: unknown[] = [];
  const world = { refuse: false };
  const surface = createSurface({
    store,
    connection: {
      request(frame) {
        sent.push(frame);
        const answer: ServerFrame = { type: 'notice', code: 'PLUGIN_ANSWER', params: {}, text: '' };
        return world.refuse ? Promise.reject(new Error('refused')) : Promise.resolve(answer);
      },
    },
    rest: {
      get: () => Promise.reject(new Error('not asked for')),
      post: () => Promise.reject(new Error('not asked for')),
      patch<T>(_path: string, body: unknown) {
        patches.push(body);
        return world.refuse ? Promise.reject(new Error('refused')) : Promise.resolve({} as T);
      },
    },
  });
  surface.welcome(welcome('u1'));
  return { surface, store, sent, patches, world };
}

describe('profiles and modes', () => {
  it('go along with the first message as they were chosen, and not those of another profile', async () => {
    const { surface } = setup();
    expect(surface.forNew()).toEqual({});
    surface.choose('p.guide');
    await surface.setMode(null, 'depth', 'short');
    await surface.setMode(null, 'pace', 'fast');
    expect(surface.forNew()).toEqual({ profile: 'p.guide', modes: { depth: 'short', pace: 'fast' } });
    surface.choose('p.plain');
    expect(surface.forNew()).toEqual({ profile: 'p.plain' });
  });

  it('begin with the default of the server, which a person can do without', () => {
    const { surface } = setup();
    const own = { ...guide, default: true };
    surface.welcome(welcome('u1', { surface: { profiles: [plain, own], modes: [], links: [], readme: false, theme: false } }));
    expect(surface.profile(null)?.id).toBe('p.guide');
    surface.choose(null);
    expect(surface.profile(null)).toBeNull();
  });

  it('show a mode of a conversation at once and take it back where the server refuses', async () => {
    const { surface, patches, world } = setup();
    surface.receive({ type: 'conversation.updated', conversation: conversation({ profile: 'p.guide', modes: { depth: 'short' } }) });
    expect(surface.modes('c1').map(({ id }) => id)).toEqual(['depth', 'pace']);
    expect(surface.option('c1', depth)?.id).toBe('short');
    const change = surface.setMode('c1', 'depth', 'long');
    expect(surface.option('c1', depth)?.id).toBe('long');
    await change;
    expect(patches).toEqual([{ modes: { depth: 'long' } }]);
    world.refuse = true;
    await expect(surface.setMode('c1', 'depth', 'short')).rejects.toThrow('refused');
    expect(surface.option('c1', depth)?.id).toBe('long');
  });

  it('leave nothing of one person to the next', () => {
    const { surface } = setup();
    surface.choose('p.guide');
    surface.pane.open({ conversationId: 'c1', messageId: 'm1', elementId: 'e1', whole: false });
    surface.welcome(welcome('u2'));
    expect(surface.profile(null)).toBeNull();
    expect(surface.pane.target.value).toBeNull();
  });
});

describe('questions', () => {
  const ask: ServerFrame = { type: 'ask', askId: 'q1', conversationId: 'c1', messageId: 'm1', spec: {} };

  it('wait until one tab has answered, and the first ending counts', () => {
    const { surface } = setup();
    const { asks } = surface;
    surface.receive(ask);
    expect([...asks.waiting.value]).toEqual(['c1']);
    expect(asks.ending('q1')).toBeNull();
    surface.receive({ type: 'ask.ended', askId: 'q1', conversationId: 'c1', status: 'answered' });
    surface.receive({ type: 'ask.ended', askId: 'q1', conversationId: 'c1', status: 'expired' });
    expect(asks.ending('q1')).toBe('answered');
    expect(asks.waiting.value.size).toBe(0);
  });

  it('keep what was typed under the account until they end, wherever they end', async () => {
    const { surface, store, sent } = setup();
    const { asks } = surface;
    surface.receive(ask);
    asks.keepDraft('q1', { people: 2 });
    expect(asks.readDraft('q1')).toEqual({ people: 2 });
    surface.welcome(welcome('u2'));
    expect(asks.readDraft('q1')).toBeUndefined();
    surface.welcome(welcome('u1', { asks: [{ askId: 'q1', conversationId: 'c1', messageId: 'm1', spec: { kind: 'text', prompt: '?' } }] }));
    expect(asks.readDraft('q1')).toEqual({ people: 2 });
    await asks.reply('q1', { people: 3 });
    expect(sent).toEqual([{ type: 'ask.reply', askId: 'q1', value: { people: 3 } }]);
    expect(store.keys().filter((key) => key.startsWith('jarvis.ask'))).toEqual([]);
  });

  it('stay open, draft and all, when the server refuses an answer', async () => {
    const { surface, world } = setup();
    surface.receive(ask);
    surface.asks.keepDraft('q1', 'half an answer');
    world.refuse = true;
    await expect(surface.asks.reply('q1', 'x')).rejects.toThrow('refused');
    expect(surface.asks.ending('q1')).toBeNull();
    expect(surface.asks.readDraft('q1')).toBe('half an answer');
  });

  it('are announced once, and their drafts go when nobody asks any more', () => {
    const { surface, store } = setup();
    expect([surface.asks.announce('q1'), surface.asks.announce('q1')]).toEqual([true, false]);
    surface.asks.keepDraft('q9', 'old');
    surface.welcome(welcome('u1'));
    expect(store.keys().filter((key) => key.startsWith('jarvis.ask'))).toEqual([]);
  });
});

describe('the pane beside a conversation', () => {
  const target = { conversationId: 'c1', messageId: 'm1', elementId: 'e1', whole: false };

  it('opens by itself until the person has closed it for that message', () => {
    const { pane } = setup().surface;
    pane.offer(target);
    expect(pane.target.value).toEqual(target);
    pane.close();
    pane.offer({ ...target, elementId: 'e2' });
    expect(pane.target.value).toBeNull();
    pane.open(target);
    expect(pane.target.value).toEqual(target);
  });

  it('remembers its width, within what can be used', () => {
    const { surface, store } = setup();
    surface.pane.resize(9999);
    expect(surface.pane.width.value).toBe(1100);
    surface.pane.resize(500);
    const again = createSurface({
      store,
      connection: { request: () => Promise.reject(new Error('no')) },
      rest: {
        get: () => Promise.reject(new Error('no')),
        post: () => Promise.reject(new Error('no')),
        patch: () => Promise.reject(new Error('no')),
      },
    });
    expect(again.pane.width.value).toBe(500);
  });
});
