import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCommandRunner } from '../../../public/app/actions/command-runner.ts';
import { createAppState } from '../../../public/app/state/app-state.ts';
import { createI18n } from '../../../public/app/state/i18n.ts';
import { createToasts } from '../../../public/app/state/toasts.ts';
import { createUploads } from '../../../public/app/state/uploads.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createFakeSockets, welcomeFrame } from '../../support/client/fake-socket.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const picture = { id: 'f1', url: '/api/files/f1', mime: 'image/png', size: 3, width: 1, height: 1, name: 'a.png' } as const;
const plugin = {
  name: 'upscale',
  version: '1.0.0',
  state: 'ready',
  title: { en: 'Upscale' },
  kinds: [],
  actions: [],
  commands: ['upscale'],
};

it('a command that had to wait for the list of plugins runs where it was typed, with the pictures of that place', async () => {
  const server = createFakeSockets();
  const clock = createFakeClock();
  const toasts = createToasts({ clock });
  let listPlugins = (): void => {};
  const listed = new Promise<void>((resolve) => {
    listPlugins = resolve;
  });
  const me = { user: { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'user' } };
  const state = createAppState({
    ...{ store: createMemoryStore(), clock, random: () => 1, newId: () => 'ID', isOnline: () => true, openSocket: server.openSocket },
    fetch: async (path) => {
      if (path.startsWith('/api/plugins')) await listed;
      const items = path.startsWith('/api/plugins') ? [plugin] : [];
      return new Response(JSON.stringify(path.startsWith('/api/auth') ? me : { items, nextCursor: null }));
    },
    nextFrame: (run) => run(),
    sha256: (text) => Promise.resolve(createHash('sha256').update(text).digest('hex')),
    router: { path: () => '/c/c1', write: () => {} },
    locale: () => 'en',
  });
  const i18n = await createI18n('en', { store: createMemoryStore(), load: () => Promise.resolve({}), apply: () => {} });
  const uploads = createUploads<never>({
    ...{ newId: () => 'U', transfer: () => Promise.resolve(picture), preview: () => null, releasePreview: () => {}, limits: () => null },
  });
  const commands = createCommandRunner({ state, i18n, toasts, uploads, download: () => {}, fail: () => {} });
  state.start();
  server.last().open();
  server.last().deliver(welcomeFrame());
  uploads.putBack('c1', [picture]);
  commands.run('upscale', []);
  state.router.go('c2');
  listPlugins();
  const sent = () => server.last().sent.find(({ type }) => type === 'command.run');
  await expect.poll(sent).toMatchObject({ name: 'upscale', conversationId: 'c1', attachments: ['f1'] });
  expect(uploads.items.value).toEqual([]);
});
