import { describe, expect, it } from 'vitest';
import { createDrafts } from '../../../public/app/state/drafts.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { ClientFrame, ClientFrameOf } from '../../../src/protocol/client-frames.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import type { Draft } from '../../../src/protocol/shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

type Update = ClientFrameOf<'draft.update'>;

/** The server's part: keeps the last text of each place and tells the other pages, as `services/drafts` does. */
function createServer(clock: ReturnType<typeof createFakeClock>) {
  const held = new Map<string | null, Draft>();
  const pages = new Set<(frame: ServerFrame) => void>();
  const sent: Update[] = [];
  return {
    held,
    pages,
    sent,
    online: true,
    refusal: null as RequestError | null,
    list: () => [...held.values()].filter(({ text }) => text !== ''),
    put(frame: Update, from?: (frame: ServerFrame) => void): Draft {
      const draft = { conversationId: frame.conversationId, text: frame.text, updatedAt: new Date(clock.now()).toISOString() };
      held.set(frame.conversationId, draft);
      for (const page of pages) if (page !== from) page({ type: 'draft.updated', draft });
      return draft;
    },
  };
}

function setup() {
  const clock = createFakeClock();
  const server = createServer(clock);
  const open = (store = createMemoryStore(), userId = 'u1') => {
    const receive = (frame: ServerFrame) => drafts.receive(frame);
    const request = (frame: ClientFrame): Promise<ServerFrame> => {
      if (!server.online) return Promise.reject(new RequestError('CONNECTION_LOST'));
      if (server.refusal !== null) return Promise.reject(server.refusal);
      if (frame.type !== 'draft.update') return Promise.reject(new RequestError('BAD_FRAME'));
      server.sent.push(frame);
      return Promise.resolve({ type: 'draft.updated', replyTo: 'r', draft: server.put(frame, receive) });
    };
    const drafts = createDrafts({ store, clock, request, frameBytes: () => 65_536 });
    drafts.load(userId);
    server.pages.add(receive);
    const field = { text: drafts.read(userId, 'c1') };
    drafts.follow('c1', (text) => {
      field.text = text;
    });
    const type = (text: string) => {
      field.text = text;
      drafts.write(userId, 'c1', text);
    };
    const leave = () => server.pages.delete(receive);
    return { drafts, store, field, type, leave };
  };
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const pause = async (ms = 5000) => {
    clock.advance(ms);
    await settle();
  };
  return { clock, server, open, pause, settle };
}

describe('what is typed', () => {
  it('is in the storage with the key and on the server after a pause, not with each key', async () => {
    const { server, open, pause, clock } = setup();
    const page = open();
    for (const text of ['h', 'ha', 'hal', 'half']) {
      page.type(text);
      clock.advance(300);
    }
    expect(page.drafts.read('u1', 'c1')).toBe('half');
    expect(server.sent).toEqual([]);
    await pause(1000);
    expect(server.sent.map(({ text }) => text)).toEqual(['half']);
  });

  it('is sent every five seconds while somebody types on and on, and at once when the field is left', async () => {
    const { server, open, clock, settle } = setup();
    const page = open();
    for (let n = 0; n < 24; n += 1) {
      page.type('x'.repeat(n + 1));
      clock.advance(500);
      await settle();
    }
    expect(server.sent).toHaveLength(2);
    page.type('done');
    page.drafts.flush();
    expect(server.sent.at(-1)?.text).toBe('done');
  });

  it.each(['/login a@b CANARY', ' ／password CANARY', '\u200f/x CANARY'])(
    'is neither kept nor sent when it is a command: %j',
    async (text) => {
      const { server, open, pause } = setup();
      const page = open();
      page.type('hello');
      await pause();
      page.type(text);
      await pause();
      page.drafts.flush();
      expect(JSON.stringify([...page.store.held])).not.toContain('CANARY');
      expect(server.sent.map((frame) => frame.text)).toEqual(['hello', '']);
    },
  );

  it('stays with its user: the next one on this browser sees nothing of it, and the first one finds it again', async () => {
    const { open, pause } = setup();
    const ada = open();
    ada.type('private');
    await pause();
    ada.drafts.unload();
    const eve = open(ada.store, 'u2');
    expect(eve.field.text).toBe('');
    eve.drafts.welcome([]);
    ada.drafts.load('u1');
    expect(ada.drafts.read('u1', 'c1')).toBe('private');
  });

  it('leaves this browser with its person where the server has it, comes back with them, and stays where it never got there', async () => {
    const { server, open, pause } = setup();
    const store = createMemoryStore();
    const page = open(store);
    page.type('on the server');
    await pause();
    server.online = false;
    page.drafts.write('u1', 'c2', 'here alone');
    await pause();
    page.drafts.forget();
    expect(store.keys()).toEqual(['jarvis.draft.u1.c2']);
    server.online = true;
    page.drafts.load('u1');
    page.drafts.welcome(server.list());
    await pause();
    expect(page.field.text).toBe('on the server');
    expect(server.held.get('c2')?.text).toBe('here alone');
  });

  it('while offline goes to the server with the next welcome', async () => {
    const { server, open, pause, settle } = setup();
    const page = open();
    server.online = false;
    page.type('from the tunnel');
    await pause();
    server.online = true;
    page.drafts.welcome([]);
    await settle();
    expect(server.sent.map(({ text }) => text)).toEqual(['from the tunnel']);
    expect(page.field.text).toBe('from the tunnel');
  });

  it('waits where the server asks for it, and is not sent again where it is refused', async () => {
    const { server, open, pause } = setup();
    const page = open();
    server.refusal = new RequestError('RATE_LIMITED', '', { retryAfter: 20 });
    page.type('one');
    await pause(1000);
    server.refusal = new RequestError('NOT_FOUND');
    await pause(20_000);
    server.refusal = null;
    await pause(600_000);
    expect(server.sent).toEqual([]);
  });

  it('is not sent when its frame would close the socket', async () => {
    const { server, open, pause } = setup();
    open().type('"'.repeat(40_000));
    await pause();
    expect(server.sent).toEqual([]);
  });

  it('is read as an earlier version kept it', () => {
    const { open } = setup();
    expect(open(createMemoryStore(new Map([['jarvis.draft.u1.c1', 'bare text']]))).field.text).toBe('bare text');
  });
});

describe('another device', () => {
  it('shows what was typed elsewhere, and nothing more once it was sent', async () => {
    const { server, open, pause } = setup();
    const laptop = open();
    laptop.type('half a thought');
    await pause();
    const phone = open();
    phone.drafts.welcome(server.list());
    expect(phone.field.text).toBe('half a thought');
    laptop.type('');
    await pause();
    expect(phone.field.text).toBe('');
    expect(phone.store.held.size).toBe(0);
  });

  it('forgets at its next welcome what was sent elsewhere while it was away', async () => {
    const { server, open, pause } = setup();
    const laptop = open();
    laptop.type('half a thought');
    await pause();
    const phone = open();
    phone.drafts.welcome(server.list());
    phone.leave();
    laptop.type('');
    await pause();
    phone.drafts.welcome(server.list());
    expect(phone.field.text).toBe('');
  });

  it('sees what came while it was typing, once it has stopped and its own is sent', async () => {
    const { server, open, pause, clock, settle } = setup();
    const phone = open();
    const laptop = open();
    phone.type('mine');
    clock.advance(1000);
    await settle();
    laptop.type('theirs');
    laptop.drafts.flush();
    expect(phone.field.text).toBe('mine');
    await pause();
    expect([phone.field.text, server.held.get('c1')?.text]).toEqual(['theirs', 'theirs']);
  });

  it('changes nothing under the hands of somebody who types, and has the last word then', async () => {
    const { server, open, pause, clock, settle } = setup();
    const laptop = open();
    const phone = open();
    phone.type('mine');
    laptop.type('theirs');
    laptop.drafts.flush();
    await settle();
    expect(phone.field.text).toBe('mine');
    clock.advance(1000);
    await settle();
    expect(server.held.get('c1')?.text).toBe('mine');
    expect(laptop.field.text).toBe('theirs');
    await pause();
    expect(laptop.field.text).toBe('mine');
    phone.type('mine, too');
    await pause();
    expect(laptop.field.text).toBe('mine, too');
  });

  it('keeps its own text when both were changed, and gives it up for nothing', async () => {
    const { server, open, pause, settle } = setup();
    const laptop = open();
    const phone = open();
    server.online = false;
    phone.type('typed on the phone, earlier');
    await pause();
    server.online = true;
    phone.leave();
    laptop.type('typed on the laptop, later');
    await pause();
    phone.drafts.welcome(server.list());
    await settle();
    expect(phone.field.text).toBe('typed on the phone, earlier');
    expect(server.held.get('c1')?.text).toBe('typed on the laptop, later');
  });

  it('that typed later while away wins at its welcome', async () => {
    const { server, open, pause, settle } = setup();
    const laptop = open();
    const phone = open();
    phone.leave();
    laptop.type('earlier');
    await pause();
    server.online = false;
    phone.type('later');
    await pause();
    server.online = true;
    phone.drafts.welcome(server.list());
    await settle();
    expect([phone.field.text, laptop.field.text]).toEqual(['later', 'later']);
  });

  it('does not take a missing draft for a sent one where the list is full', async () => {
    const { server, open, pause } = setup();
    const page = open();
    page.type('an old thought');
    await pause();
    const full = Array.from({ length: 50 }, (_, n) => ({
      conversationId: `n${n}`,
      text: 'x',
      updatedAt: new Date(2e12 + n).toISOString(),
    }));
    page.drafts.welcome(full);
    expect(page.field.text).toBe('an old thought');
    page.drafts.welcome(server.list());
    expect(page.field.text).toBe('an old thought');
  });
});

describe('another tab of the same browser', () => {
  it('follows the storage while nobody types in it, also without a server', async () => {
    const { server, open, pause } = setup();
    server.online = false;
    const one = open();
    const two = open(one.store);
    one.type('typed here');
    two.drafts.stored('jarvis.draft.u1.c1');
    expect(two.field.text).toBe('typed here');
    two.type('and there');
    one.type('again here');
    two.drafts.stored('jarvis.draft.u1.c1');
    expect(two.field.text).toBe('and there');
    await pause();
    two.drafts.stored('jarvis.draft.u2.c1');
    expect(two.field.text).toBe('and there');
  });

  it('does not lose a command that is being typed in it', async () => {
    const { open, pause } = setup();
    const one = open();
    const two = open(one.store);
    two.type('/model ');
    await pause();
    one.type('hello');
    await pause();
    two.drafts.stored('jarvis.draft.u1.c1');
    expect(two.field.text).toBe('/model ');
  });
});
