import { effect } from '@preact/signals';
import type { App } from '../app-context.ts';
import { createLocalStore } from '../browser/local-store.ts';
import { showTheme } from '../browser/show-theme.ts';
import { openWebSocket } from '../browser/web-socket.ts';
import { focusComposer } from '../shell/use-shortcuts.ts';
import type { OpenSocket } from '../state/ports.ts';
import type { RouterDeps } from '../state/router.ts';
import { type EmbedOptions, type FromFrame, type FromWidget, readFromWidget } from './embed-messages.ts';
import { loadFilesWithToken } from './files-with-token.ts';
import { createHeldToken, fetchWithToken, type HeldToken } from './held-token.ts';
import { socketWithToken } from './socket-with-token.ts';

export interface Embedded {
  readonly options: EmbedOptions;
  readonly openSocket: OpenSocket;
  /** In memory: the address of the frame stays `/embed`, which alone may be framed. */
  readonly router: RouterDeps;
  /** Follows the widget, once there is an app. */
  join(app: App): void;
}

/** A site that does not answer keeps nobody waiting longer than this. */
const optionsMs = 3000;
/** A site is asked for a token at most this often: one that always hands over a bad one would be asked for ever. */
const askAgainMs = 30_000;

/** Makes this page the one inside of a frame: no cookie, a token instead, and a word with the page around it. */
export async function beginEmbedded(): Promise<Embedded> {
  const token = createHeldToken(createLocalStore(() => sessionStorage));
  const plain = fetch.bind(window);
  window.fetch = fetchWithToken(token, plain, location.origin);
  window.XMLHttpRequest = requestWithToken(token);
  loadFilesWithToken(document);
  document.documentElement.dataset['embedded'] = '';
  const widget = createLink(await allowedOrigins());
  const first = await widget.hello(optionsMs);
  if (first.token !== null) token.set(first.token);
  let path = '/';
  return {
    options: first.options,
    openSocket: socketWithToken(token, openWebSocket),
    router: {
      path: () => path,
      write: (next) => {
        path = next;
      },
    },
    join(app) {
      // Over the choice of the person's own page.
      if (first.options.theme !== undefined) showTheme(first.options.theme);
      follow(app, widget, token);
    },
  };
}

async function allowedOrigins(): Promise<readonly string[]> {
  const answer = await fetch('/api/embed').catch(() => null);
  const body: unknown = answer?.ok === true ? await answer.json().catch(() => null) : null;
  const origins = typeof body === 'object' && body !== null && 'origins' in body && Array.isArray(body.origins) ? body.origins : [];
  return origins.filter((one) => typeof one === 'string');
}

interface Link {
  say(message: FromFrame): void;
  hear(take: (message: FromWidget) => void): void;
  /** @returns what the widget answers, or nothing of it after that time */
  hello(ms: number): Promise<Extract<FromWidget, { jarvis: 'options' }>>;
}

/** The page around the frame. It is spoken to by its exact origin, and heard only from one that is allowed. */
function createLink(origins: readonly string[]): Link {
  const link: Link = {
    say(message) {
      // The browser delivers to the one that it is, and to no other.
      for (const origin of origins) window.parent.postMessage(message, origin);
    },
    hear(take) {
      window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
        if (source !== window.parent || !origins.includes(origin)) return;
        const message = readFromWidget(data);
        if (message !== null) take(message);
      });
    },
    hello: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ jarvis: 'options', options: {}, token: null }), ms);
        link.hear((message) => {
          if (message.jarvis !== 'options') return;
          clearTimeout(timer);
          resolve(message);
        });
        link.say({ jarvis: 'ready' });
      }),
  };
  return link;
}

function follow(app: App, widget: Link, token: HeldToken): void {
  const { session, connection } = app.state;
  let askedAt = Number.NEGATIVE_INFINITY;
  const enter = async (given: string | null) => {
    token.set(given);
    if (given === null) session.expire();
    else await session.check();
    connection.restart();
  };
  widget.hear((message) => {
    if (message.jarvis === 'theme') showTheme(message.theme);
    else if (message.jarvis === 'shown') focusComposer();
    else if (message.jarvis === 'token' && message.token !== token.get()) enter(message.token).catch(app.actions.fail);
  });
  effect(() => {
    if (session.value.value.state !== 'anonymous') return;
    token.set(null);
    if (performance.now() - askedAt < askAgainMs) return;
    askedAt = performance.now();
    widget.say({ jarvis: 'token?' });
  });
  // Before the page's own keys, which take every Escape.
  window.addEventListener('keydown', (event) => isWayOut(event) && widget.say({ jarvis: 'close' }), { capture: true });
}

/** Something of the page that Escape closes first. */
const covers = 'dialog[open], :popover-open, [role="listbox"], .pane, .shell[data-sidebar="open"]';

function isWayOut({ key, isComposing, target }: KeyboardEvent): boolean {
  if (key !== 'Escape' || isComposing || document.querySelector(covers) !== null) return false;
  // A field for a title, a search or an edit gives up what was written in it.
  return !(target instanceof Element) || target.id === 'composer' || target.closest('input, textarea, select') === null;
}

/** Uploads go by XMLHttpRequest, which tells how much was sent. */
function requestWithToken(token: HeldToken): typeof XMLHttpRequest {
  return class extends XMLHttpRequest {
    override open(method: string, url: string | URL): void {
      super.open(method, url, true);
      const held = token.get();
      if (held !== null && new URL(url, location.href).origin === location.origin)
        super.setRequestHeader('authorization', `Bearer ${held}`);
    }
  };
}
