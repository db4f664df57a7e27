import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { ulid } from 'ulid';
import { createActions } from './actions/actions.ts';
import { showPushedNotices } from './actions/show-pushed-notices.ts';
import { type App, AppContext } from './app-context.ts';
import { AppRoot } from './app-root.tsx';
import { downloadText } from './browser/download-text.ts';
import { followSiteTheme } from './browser/follow-site-theme.ts';
import { createLocalStore } from './browser/local-store.ts';
import { browserClock, nextFrame, sha256, whenIdle } from './browser/platform.ts';
import { showTheme } from './browser/show-theme.ts';
import { transferFile } from './browser/transfer-file.ts';
import { watchPage } from './browser/watch-page.ts';
import { openWebSocket } from './browser/web-socket.ts';
import { languages, loadWords } from './languages.ts';
import { loadMarkdown } from './markdown/markdown.tsx';
import { takeWish } from './share/continue-wish.ts';
import { sharedIdOf } from './share/shared-address.ts';
import { createAppState } from './state/app-state.ts';
import { clearForAnother } from './state/clear-for-another.ts';
import { createDeviceChoices } from './state/device-choices.ts';
import { createDialogs } from './state/dialogs.ts';
import { createI18n, detectLocale, storedLocale } from './state/i18n.ts';
import { createReading } from './state/reading.ts';
import { createTheme } from './state/theme.ts';
import { createToasts } from './state/toasts.ts';
import { createUploads } from './state/uploads.ts';

/** Wires the page to its browser. */
async function start(root: HTMLElement): Promise<void> {
  const embedded = location.pathname === '/embed' ? await (await import('./embed/embedded.ts')).beginEmbedded() : null;
  whenNeeded(loadMarkdown);
  const store = createLocalStore(() => localStorage);
  const theme = createTheme({
    store,
    apply: showTheme,
  });
  const i18n = await createI18n(detectLocale(embedded?.options.locale ?? storedLocale(store), navigator.languages, languages), {
    store,
    languages,
    load: loadWords,
    apply: (locale, direction) => {
      document.documentElement.lang = locale;
      document.documentElement.dir = embedded?.options.direction ?? direction;
    },
  });
  const state = createAppState({
    store,
    clock: browserClock,
    random: Math.random,
    newId: () => ulid(),
    isOnline: () => navigator.onLine,
    openSocket: embedded?.openSocket ?? openWebSocket,
    fetch: (path, init) => fetch(path, init),
    nextFrame,
    sha256,
    router: embedded?.router ?? {
      path: () => location.pathname,
      prompt: new URLSearchParams(location.search).get('prompt') ?? undefined,
      write: (path, how) => (how === 'push' ? history.pushState(null, '', path) : history.replaceState(null, '', path)),
    },
    locale: () => i18n.locale.peek(),
  });
  const toasts = createToasts({ clock: browserClock });
  const uploads = createUploads<File>({
    newId: () => ulid(),
    transfer: transferFile,
    preview: (file) => URL.createObjectURL(file),
    releasePreview: (url) => URL.revokeObjectURL(url),
    limits: () => state.settings.info.peek()?.limits ?? null,
  });
  const actions = createActions({ state, i18n, toasts, uploads, download: downloadText, isVisible: () => !document.hidden });
  const reading = createReading('speechSynthesis' in window);
  const device = createDeviceChoices({ store });
  const app: App = { state, i18n, theme, toasts, uploads, actions, dialogs: createDialogs(), reading, device, transfers: signal(null) };
  followSiteTheme(state.surface.told, store);
  const sharedId = sharedIdOf(location.pathname);
  // A shared copy is read without a socket, and nothing is asked of who reads it.
  if (sharedId === null) connect(app, embedded === null);
  embedded?.join(app);
  render(
    <AppContext.Provider value={app}>
      <AppRoot sharedId={sharedId} />
    </AppContext.Provider>,
    root,
  );
}

/** Where there are messages at once; else with the first key or touch, long before there is something to read. */
function whenNeeded(load: () => unknown): void {
  if (location.pathname !== '/') return void load();
  const controller = new AbortController();
  for (const sign of ['keydown', 'pointerdown', 'input'] as const) {
    const { signal } = controller;
    addEventListener(
      sign,
      () => {
        controller.abort();
        load();
      },
      { signal, passive: true, capture: true },
    );
  }
}

/** Follows the server and the window, for a page that is somebody's own. @param whole a page of the browser, not a frame in another one */
function connect(app: App, whole: boolean): void {
  const { state, i18n, toasts, uploads, dialogs, actions } = app;
  clearForAnother({ session: state.session, uploads, dialogs, toasts });
  watchPage({
    back() {
      state.connection.nudge();
      actions.jobs.look();
    },
    navigated: () => state.router.sync(),
    left: () => state.drafts.flush(),
    stored(key, removed) {
      if (removed) state.outbox.forget(key);
      state.drafts.stored(key);
    },
  });
  showPushedNotices({ connection: state.connection, i18n, toasts });
  state.start();
  goOnWithShared(app);
  if (whole) whenKnown(app, () => startDeviceLater(app));
}

/** Runs once when it is known who is here: until then the page waits for what it begins with, and nothing else is to be fetched. */
function whenKnown({ state }: App, run: () => void): void {
  let done = false;
  effect(() => {
    if (done || state.session.value.value.state === 'checking') return;
    done = true;
    run();
  });
}

/** Whatever of it a browser refuses, the page works without. */
function startDeviceLater(app: App): void {
  whenIdle(() => void import('./offline/start-device.ts').then(({ startDevice }) => startDevice(app)).catch(() => {}));
}

/** Who wanted to go on with a shared copy and had to sign in first is taken there. */
function goOnWithShared(app: App): void {
  const tab = createLocalStore(() => sessionStorage);
  effect(() => {
    if (app.state.session.value.value.state !== 'signed-in') return;
    const sharedId = takeWish(tab);
    if (sharedId === null) return;
    void import('./share/continue-copy.ts').then(({ continueShared }) => continueShared(app, sharedId)).catch(app.actions.fail);
  });
}

const root = document.getElementById('app');
if (root !== null) {
  start(root).catch(() => {
    // Without its language file the page has no words of its own: index.html holds some in all languages.
    document.getElementById('failed')?.setAttribute('data-now', '');
  });
}
