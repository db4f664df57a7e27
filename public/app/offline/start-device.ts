import { computed, effect } from '@preact/signals';
import type { App } from '../app-context.ts';
import { browserClock, isInstalled } from '../browser/platform.ts';
import { loadPageWords } from '../languages.ts';
import { loadMarkdown } from '../markdown/markdown.tsx';
import { type DoneWork, watchLongWork } from '../notify/long-work.ts';
import { noticeOf } from '../notify/notice-of.ts';
import { allowNotices, showNotice } from '../notify/show-notice.ts';
import { createBrowserChatShelf } from './browser-chat-shelf.ts';
import { keepRecentChats } from './keep-recent-chats.ts';
import { registerWorker } from './register-worker.ts';

/** What the browser does for the page besides showing it: notifications, the installed page, what can be read offline. Lives as long as the page. */
export async function startDevice(app: App): Promise<void> {
  await app.i18n.extend(loadPageWords);
  offerInstall(app);
  tellOfLongWork(app);
  keepChats(app);
  // Inside another page it is a guest; whoever reads a shared chat asked for no more than that.
  if (window.top !== window.self) return;
  await signedIn(app);
  const { i18n, toasts } = app;
  await registerWorker({
    onNewer: (use) =>
      toasts.add({ text: i18n.t('offline.newer'), tone: 'info', action: { label: i18n.t('offline.reload'), onSelect: use } }),
    onOpen: (path) => openPath(app, path),
  });
}

function signedIn({ state }: App): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (state.session.value.value.state !== 'signed-in') return;
      resolve();
      // It cannot be ended while it runs for the first time.
      queueMicrotask(() => stop());
    });
  });
}

function openPath({ state }: App, path: string): void {
  const id = /^\/c\/([\w-]{1,64})$/.exec(path)?.[1];
  if (id !== undefined) state.router.go(id);
  else if (path === '/jobs') state.router.open('jobs');
}

/** The event of browsers that let a page offer its own installation; TypeScript does not know it. */
interface InstallEvent extends Event {
  prompt?: () => Promise<unknown>;
}

function offerInstall({ device }: App): void {
  window.addEventListener('beforeinstallprompt', (event: InstallEvent) => {
    event.preventDefault();
    device.install.value = () => {
      device.install.value = null;
      event.prompt?.().catch(() => {});
    };
  });
  window.addEventListener('appinstalled', () => {
    device.install.value = null;
  });
}

function tellOfLongWork(app: App): void {
  const { state, i18n, toasts, device } = app;
  let missed = false;
  const tell = (work: DoneWork) => {
    const choice = device.current.peek();
    if (choice?.notify !== true) {
      missed = true;
      return;
    }
    const title = work.kind === 'answer' ? (state.conversations.get(work.message.conversationId)?.title ?? '') : '';
    void showNotice(noticeOf(i18n, work, { previews: choice.previews, title }), (path) => openPath(app, path));
  };
  watchLongWork({
    clock: browserClock,
    running: state.generations.running,
    messageOf: (conversationId, messageId) => state.messages.thread(conversationId)?.message(messageId)?.peek(),
    onJobEnd: (listener) => state.jobs.onEnd(listener),
    isHidden: () => document.hidden,
    tell,
  });
  // Told once, when it would have been of use.
  document.addEventListener('visibilitychange', () => {
    const hint = !document.hidden && missed && device.current.peek()?.hinted === false && 'Notification' in window;
    if (!hint || Notification.permission === 'denied') return;
    device.change({ hinted: true });
    const turnOn = () =>
      void allowNotices().then((allowed) => {
        device.change({ notify: allowed });
        if (!allowed) toasts.add({ text: i18n.t('notify.refused'), tone: 'warning' });
      });
    toasts.add({ text: i18n.t('notify.hint'), tone: 'info', action: { label: i18n.t('notify.turnOn'), onSelect: turnOn } });
  });
}

function keepChats({ state, device }: App): void {
  effect(() => {
    const value = state.session.value.value;
    if (value.state === 'signed-in') device.load(value.user.id);
    else if (value.state === 'anonymous') device.unload();
  });
  if (!('indexedDB' in window)) return;
  // Whoever installed the page made this device theirs: there the chats are kept until they say otherwise.
  const wanted = computed(() => (device.current.value === null ? null : (device.current.value.keepChats ?? isInstalled())));
  // What is to be read without a connection needs its reader then, too.
  effect(() => {
    if (wanted.value === true) void loadMarkdown();
  });
  keepRecentChats({
    shelf: createBrowserChatShelf(indexedDB),
    rest: state.rest,
    clock: browserClock,
    session: state.session.value,
    wanted,
    news: computed(() => state.generations.running.value.size),
  });
}
