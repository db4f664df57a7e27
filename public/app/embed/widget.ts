import type { EmbedOptions, FromFrame, FromWidget } from './embed-messages.ts';

/*
 * widget.js: a button in the corner of any page, and behind it the chat in a frame. Built by itself, without the rest of the
 * client; nothing of the chat is fetched before the button is pressed. docs/embedding.md tells how to use it.
 */

type Token = string | null;
interface WidgetOptions extends EmbedOptions {
  /** Corner by the direction of the text. Default: end. */
  readonly position?: string;
  /** Of the button; default: in the language. */
  readonly label?: string;
}

const words: Readonly<Record<string, readonly [string, string]>> = {
  en: ['Open the chat', 'Close the chat'],
  fa: ['باز کردن گفت‌وگو', 'بستن گفت‌وگو'],
  ar: ['فتح المحادثة', 'إغلاق المحادثة'],
};

const styles = `:host{all:initial;position:fixed;z-index:2147483000;inset-block-end:20px;color-scheme:light dark}
:host([data-position=end]){inset-inline-end:20px}:host([data-position=start]){inset-inline-start:20px}
:host([data-theme=light]){color-scheme:light}:host([data-theme=dark]){color-scheme:dark}
button{all:unset;box-sizing:border-box;inline-size:56px;block-size:56px;border-radius:50%;display:grid;place-items:center;cursor:pointer;background:light-dark(#0c6b64,#4bb8a9);color:light-dark(#fff,#06211e);box-shadow:0 4px 16px #0004}
button:focus-visible{outline:3px solid light-dark(#0c6b64,#4bb8a9);outline-offset:3px}
svg{inline-size:26px;block-size:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
div{position:absolute;inset-block-end:68px;inline-size:min(400px,calc(100vw - 40px));block-size:min(640px,calc(100dvh - 112px));border-radius:16px;overflow:hidden;box-shadow:0 8px 40px #0005;background:light-dark(#fff,#131416)}
:host([data-position=end]) div{inset-inline-end:0}:host([data-position=start]) div{inset-inline-start:0}
div[hidden]{display:none}iframe{border:0;inline-size:100%;block-size:100%;display:block}
@media(max-width:480px){div:not([hidden]){position:fixed;inset:56px 0 0;inline-size:100vw;block-size:calc(100dvh - 56px);border-radius:16px 16px 0 0}div:not([hidden])+button{position:fixed;inset-block:6px auto;inset-inline:auto 6px;inline-size:44px;block-size:44px;box-shadow:none}}
@media(forced-colors:active){button,div{border:2px solid}}`;

const shapes = ['M4 5h16v11H9l-5 4z', 'M6 6l12 12M18 6L6 18'] as const;

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src !== '') show(new URL(script.src).origin, { ...script.dataset } as WidgetOptions);

function show(server: string, options: WidgetOptions): void {
  const host = document.createElement('jarvis-argus');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  const locale = options.locale ?? (document.documentElement.lang || navigator.language);
  const [open, close] = words[locale.slice(0, 2)] ?? ['Open the chat', 'Close the chat'];
  const panel = document.createElement('div');
  panel.hidden = true;
  const [button, path] = createButton();
  root.append(panel, button);
  host.dataset['position'] = options.position === 'start' ? 'start' : 'end';
  if (options.direction !== undefined) host.dir = options.direction;
  else if (/^(fa|ar)/.test(locale)) host.dir = 'rtl';

  let frame: HTMLIFrameElement | null = null;
  let isOpen = false;
  /** Before that the frame has another origin, and no ear. */
  let isReady = false;
  let theme = options.theme;
  let source: Token | (() => Token | Promise<Token>) = null;
  const showTheme = () => host.setAttribute('data-theme', theme ?? 'system');
  const say = (message: FromWidget) => frame?.contentWindow?.postMessage(message, server);
  const token = async () => (typeof source === 'function' ? source() : source);

  function setOpen(opened: boolean): void {
    if (isOpen === opened) return;
    isOpen = opened;
    name(opened);
    panel.hidden = !opened;
    if (opened && frame === null) {
      frame = document.createElement('iframe');
      frame.title = options.label ?? open;
      frame.allow = 'clipboard-write; microphone; fullscreen';
      frame.src = `${server}/embed`;
      panel.append(frame);
    }
    if (!opened) return button.focus();
    frame?.focus();
    if (isReady) say({ jarvis: 'shown' });
  }

  function name(opened: boolean): void {
    button.setAttribute('aria-expanded', String(opened));
    button.setAttribute('aria-label', opened ? close : (options.label ?? open));
    path.setAttribute('d', shapes[opened ? 1 : 0]);
  }

  async function answer(jarvis: FromFrame['jarvis']): Promise<void> {
    if (jarvis === 'close') setOpen(false);
    isReady = true;
    const given = jarvis === 'close' ? null : await token().catch(() => null);
    const { direction } = options;
    const shown = { locale, ...(theme === undefined ? {} : { theme }), ...(direction === undefined ? {} : { direction }) };
    if (jarvis === 'ready') say({ jarvis: 'options', options: shown, token: given });
    if (jarvis === 'token?' && given !== null) say({ jarvis: 'token', token: given });
  }

  const listen = ({ source: from, origin, data }: MessageEvent<unknown>) => {
    if (frame === null || from !== frame.contentWindow || origin !== server || !isFromFrame(data)) return;
    void answer(data.jarvis);
  };
  window.addEventListener('message', listen);
  button.addEventListener('click', () => setOpen(!isOpen));
  showTheme();
  name(false);
  document.body.append(host);

  Object.assign(window, {
    JarvisArgus: {
      open: () => setOpen(true),
      close: () => setOpen(false),
      /** A session token, or a function that gets one whenever it is wanted. */
      async signIn(given: typeof source) {
        source = given;
        const first = await token().catch(() => null);
        if (first !== null && isReady) say({ jarvis: 'token', token: first });
      },
      signOut() {
        source = null;
        if (isReady) say({ jarvis: 'token', token: null });
      },
      setTheme(next: NonNullable<EmbedOptions['theme']>) {
        theme = next;
        showTheme();
        if (isReady) say({ jarvis: 'theme', theme: next });
      },
      remove() {
        window.removeEventListener('message', listen);
        host.remove();
      },
    },
  });
}

function isFromFrame(data: unknown): data is FromFrame {
  return typeof data === 'object' && data !== null && 'jarvis' in data && ['ready', 'token?', 'close'].includes(String(data.jarvis));
}

function createButton(): [HTMLButtonElement, SVGPathElement] {
  const button = document.createElement('button');
  button.type = 'button';
  const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  drawing.setAttribute('viewBox', '0 0 24 24');
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  drawing.append(path);
  button.append(drawing);
  return [button, path];
}
