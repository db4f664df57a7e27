import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flat } from '../fixtures/images/make-images.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { type E2eServer, startE2eServer } from '../support/e2e-server.ts';
import { newPerson, signUp } from './support/chat-page.ts';
import { type FakeModel, startFakeModel } from './support/fake-model.ts';

/** A page of somebody else. By another name than the chat's, so that the browser counts it as another site and sends no cookie. */
interface Site {
  readonly origin: string;
  readonly server: Server;
}

let chat: E2eServer;
let browser: Browser;
let model: FakeModel;
let site: Site;
let stranger: Site;

async function startSite(): Promise<Site> {
  const server = createServer((request, response) => {
    const own = new URL(request.url ?? '/', 'http://site').searchParams.get('own') ?? '';
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; script-src ${chat.origin}; frame-src ${chat.origin}`);
    response.end(
      `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><script src="${chat.origin}/widget.js" ${own}></script></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, server };
}

beforeAll(async () => {
  [model, site, stranger] = await Promise.all([startFakeModel(), startSite(), startSite()]);
  [chat, browser] = await Promise.all([startE2eServer({ ...model.env, EMBED_ORIGINS: site.origin }), launchBrowser()]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await chat?.stop();
  await model?.close();
  for (const { server } of [site, stranger]) server?.close();
});

const frameOf = (page: Page): FrameLocator => page.frameLocator('jarvis-argus iframe');

describe('the chat in a corner of another page', () => {
  test('opens on a click, lets a person in without any cookie, and keeps them in on the next page', async () => {
    const page = await newPage(browser);
    page.setDefaultTimeout(15_000);
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto(site.origin);
    const button = page.getByRole('button', { name: 'Open the chat' });
    await button.waitFor();
    expect(asked).toEqual(['/', '/widget.js']);

    const person = newPerson();
    await signUp(chat, person);
    await button.click();
    const frame = frameOf(page);
    await frame.getByLabel('E-mail address').fill(person.email);
    await frame.getByLabel('Password', { exact: true }).fill(person.password);
    await frame.getByRole('button', { name: 'Sign in' }).click();
    const composer = frame.locator('#composer');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      frame.locator('button').and(frame.getByLabel('Attach pictures')).click(),
    ]);
    await chooser.setFiles({ name: 'red.png', mimeType: 'image/png', buffer: await flat(64, 48).png().toBuffer() });
    await frame.locator('.tray-item[data-state="done"]').waitFor();
    await composer.fill('Hello');
    await composer.press('Enter');
    await frame.locator('article[data-role="assistant"]').first().waitFor();
    const picture = frame.locator('article[data-role="user"] img').first();
    const width = () => picture.evaluate((image) => ('naturalWidth' in image ? image.naturalWidth : 0));
    await expect.poll(width).toBeGreaterThan(0);
    await expect.poll(() => picture.getAttribute('src')).toMatch(/^blob:/);
    expect(await page.context().cookies()).toEqual([]);

    await composer.press('Escape');
    await button.waitFor();
    await expect.poll(() => button.getAttribute('aria-expanded')).toBe('false');
    expect(await page.evaluate('document.activeElement.localName')).toBe('jarvis-argus');
    await page.reload();
    await button.click();
    await composer.waitFor();

    await page.evaluate('JarvisArgus.signOut()');
    await frame.getByLabel('E-mail address').waitFor();
    await page.context().close();
  });

  test('takes a token from its page, and the language, the direction and the theme that it is given', async () => {
    const person = newPerson('مریم');
    await signUp(chat, person);
    const answer = await fetch(`${chat.origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: person.email, password: person.password }),
    });
    const { token } = (await answer.json()) as { token: string };
    const page = await newPage(browser, { viewport: { width: 390, height: 700 } });
    page.setDefaultTimeout(15_000);
    const own = 'data-locale="fa" data-theme="dark" data-position="start"';
    await page.goto(`${site.origin}/?own=${encodeURIComponent(own)}`);
    await page.evaluate(`JarvisArgus.signIn(async () => ${JSON.stringify(token)})`);
    await page.getByRole('button', { name: 'باز کردن گفت‌وگو' }).click();
    await frameOf(page).locator('#composer').waitFor();
    const root = frameOf(page).locator('html');
    expect([await root.getAttribute('lang'), await root.getAttribute('dir'), await root.getAttribute('data-theme')]).toEqual([
      'fa',
      'rtl',
      'dark',
    ]);
    await page.evaluate("JarvisArgus.setTheme('light')");
    await expect.poll(() => root.getAttribute('data-theme')).toBe('light');
    await page.context().close();
  });

  test('is shown by no page that is not listed, and by no page at another address of the chat', async () => {
    const page = await newPage(browser);
    const refused: string[] = [];
    page.on('console', (message) => void refused.push(message.text()));
    await page.goto(stranger.origin);
    await page.getByRole('button', { name: 'Open the chat' }).click();
    await expect.poll(() => refused.join('\n')).toMatch(/frame-ancestors|refused/i);
    expect(await frameOf(page).locator('#app').count()).toBe(0);
    const policies = await Promise.all(['/', '/embed', '/c/01ARZ3NDEKTSV4RRFFQ69G5FAV'].map((path) => fetch(chat.origin + path)));
    const ancestors = policies.map(({ headers }) => /frame-ancestors ([^;]+)/.exec(headers.get('content-security-policy') ?? '')?.[1]);
    expect(ancestors).toEqual(["'none'", site.origin, "'none'"]);
    await page.context().close();
  });
});
