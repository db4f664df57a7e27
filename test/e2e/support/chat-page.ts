import type { Browser, Locator, Page } from 'playwright-core';
import { onTestFailed } from 'vitest';
import { newPage, type PageOptions, screenshot } from '../../support/browser.ts';
import type { E2eServer } from '../../support/e2e-server.ts';

export type Locale = 'en' | 'fa' | 'ar';

export interface ChatPage {
  readonly page: Page;
  readonly person: Person;
  /** Everything the page must not do: errors in the console, broken policy, requests to other hosts. Empty is good. */
  readonly problems: readonly string[];
  readonly composer: Locator;
  readonly answers: Locator;
  readonly questions: Locator;
  /** Writes and sends with Enter. */
  send(text: string): Promise<void>;
  /** Waits until the newest answer has ended, whatever its end. */
  answered(count?: number): Promise<void>;
  /** A second page of the same person, in the same browser context. */
  tab(path?: string): Promise<ChatPage>;
  close(): Promise<void>;
}

/** What answers: a program of its own, or a server in this process. */
type Served = Pick<E2eServer, 'origin'>;

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface OpenOptions extends PageOptions {
  readonly uiLocale?: Locale;
  /** The path that a guest opens; default: the first page. */
  readonly at?: string;
  /** What the console may say besides: for tests that take the server away. */
  readonly tolerate?: RegExp;
}

const locales: Record<Locale, string> = { en: 'en-US', fa: 'fa-IR', ar: 'ar-EG' };
/** The browser writes a line for each answer that is not 2xx; asking who is signed in ends so for a guest. */
const expected = /status of 401/;
/** What the browser says while there is no server. */
export const serverGone =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|ERR_NETWORK|WebSocket connection to|status of 50[23]/;

let people = 0;

export function newPerson(name = 'Ada'): Person {
  people += 1;
  return { name, email: `person${people}.${Date.now()}@example.org`, password: 'correct horse battery' };
}

/** Makes an account from outside of any page. */
export async function signUp(server: Served, person: Person): Promise<void> {
  const answer = await fetch(`${server.origin}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  if (!answer.ok) throw new Error(`sign-up failed: ${await answer.text()}`);
}

/** Opens a page that nobody is signed in on. */
export async function openGuest(browser: Browser, server: Served, options: OpenOptions = {}): Promise<ChatPage> {
  const { uiLocale = 'en', tolerate, at = '/', ...rest } = options;
  const page = await newPage(browser, { locale: locales[uiLocale], ...rest });
  const problems: string[] = [];
  const chat = watch(page, { server, person: newPerson(), problems, tolerate });
  await page.goto(server.origin + at);
  return chat;
}

/** Signs a fresh person up by REST, which sets the cookie of the page's context, and opens the app. */
export async function openChat(browser: Browser, server: Served, options: OpenOptions = {}): Promise<ChatPage> {
  const { uiLocale = 'en', tolerate, ...rest } = options;
  const page = await newPage(browser, { locale: locales[uiLocale], ...rest });
  const person = newPerson(uiLocale === 'en' ? 'Ada' : 'مریم');
  const answer = await page.request.post(`${server.origin}/api/auth/signup`, {
    data: person,
    headers: { 'x-requested-with': 'jarvis', origin: server.origin },
  });
  if (!answer.ok()) throw new Error(`sign-up failed: ${await answer.text()}`);
  const chat = watch(page, { server, person, problems: [], tolerate });
  await page.goto(server.origin);
  await chat.composer.waitFor();
  return chat;
}

interface Watched {
  readonly server: Served;
  readonly person: Person;
  readonly problems: string[];
  readonly tolerate: RegExp | undefined;
}

function watch(page: Page, given: Watched): ChatPage {
  const { server, person, problems, tolerate } = given;
  complain(page, given);
  page.setDefaultTimeout(15_000);
  onTestFailed(async ({ task }) => {
    const file = await screenshot(page, `failed-${task.name.slice(0, 40).replace(/\W+/g, '-')}`).catch(() => 'no picture');
    process.stderr.write(`${file}\n${problems.join('\n')}\n`);
  });
  const answers = page.locator('article[data-role="assistant"]');
  return {
    page,
    person,
    problems,
    composer: page.locator('#composer'),
    answers,
    questions: page.locator('article[data-role="user"]'),
    async send(text) {
      await page.locator('#composer').fill(text);
      await page.locator('#composer').press('Enter');
    },
    async answered(count = 1) {
      const last = answers.nth(count - 1);
      await last.and(page.locator('[aria-busy="false"]')).waitFor({ timeout: 45_000 });
    },
    async tab(path = '/') {
      const next = await page.context().newPage();
      const chat = watch(next, { server, person, problems, tolerate });
      await next.goto(server.origin + path);
      return chat;
    },
    close: () => page.context().close(),
  };
}

function complain(page: Page, { server, problems, tolerate }: Watched): void {
  const report = (text: string): void => {
    if (!expected.test(text) && tolerate?.test(text) !== true) problems.push(text);
  };
  page.on('console', (message) => {
    const from = message.location().url;
    if (message.type() === 'error' || /content security policy/i.test(message.text())) report(`${message.text()} ${from}`);
  });
  page.on('pageerror', (error) => report(error.stack ?? error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${server.origin}/`) && !/^(blob|data):/.test(url)) report(`foreign request: ${url}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(server.origin).host) report(`foreign socket: ${socket.url()}`);
  });
}

/** What the server stored: the messages of the conversation that the page shows, oldest first. */
export async function storedMessages(chat: ChatPage): Promise<{ role: string; status: string; text: string }[]> {
  const url = new URL(chat.page.url());
  const id = url.pathname.replace('/c/', '');
  const answer = await chat.page.request.get(`${url.origin}/api/conversations/${id}/messages?limit=50`);
  const { items } = (await answer.json()) as { items: { role: string; status: string; parts: { type: string; text?: string }[] }[] };
  return items.reverse().map(({ role, status, parts }) => ({
    role,
    status,
    text: parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join(''),
  }));
}

/** A gate that a script of the fake model waits at. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
