import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, newPage, type PageOptions, screenshot } from '../support/browser.ts';

const folder = path.join(import.meta.dirname, 'gallery');
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };
/** The app's policy (docs: security), so that a component that needs more fails here. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; require-trusted-types-for 'script'";
const phone: PageOptions = { viewport: { width: 375, height: 812 }, touch: true };

let server: Server;
let browser: Browser;
let origin: string;
const foreign: string[] = [];

/** Opens the gallery and collects everything the page complains about. */
async function open(query: string, options: PageOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const page = await newPage(browser, options);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) foreign.push(request.url());
  });
  await page.goto(`${origin}/?${query}`);
  await page.waitForSelector('main');
  await page.evaluate('document.fonts.ready');
  return { page, complaints };
}

beforeAll(async () => {
  const output = path.join(import.meta.dirname, '../../.cache/gallery');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir: output, emptyOutDir: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(output, pathname === '/' ? 'index.html' : path.normalize(pathname));
    readFile(file).then(
      (body) => {
        response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
        response.setHeader('content-security-policy', policy);
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => server?.close(resolve));
});

describe('Markdown in a page with the policy of the app', () => {
  const views: [string, string, PageOptions][] = [
    ['markdown-desktop-light', '', {}],
    ['markdown-desktop-dark', '', { colorScheme: 'dark' }],
    ['markdown-phone-light', '', phone],
    ['markdown-desktop-fa', 'fa', { locale: 'fa-IR' }],
    ['markdown-phone-fa-dark', 'fa', { ...phone, locale: 'fa-IR', colorScheme: 'dark' }],
    ['ui-desktop-light', 'ui', {}],
    ['ui-phone-dark', 'ui&toast', { ...phone, colorScheme: 'dark' }],
    ['ui-desktop-fa', 'ui&fa&toast', { locale: 'fa-IR' }],
  ];

  test.each(views)('%s is drawn without a complaint, a foreign request or sideways scrolling', async (name, query, options) => {
    const { page, complaints } = await open(query, options);
    if (!query.includes('ui')) await page.waitForSelector('.hljs-keyword');
    const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await screenshot(page, name, true);
    await page.context().close();
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    expect(sideways).toBe(0);
  });

  test('hostile Markdown leaves no element, attribute or request behind at any prefix', async () => {
    const { page, complaints } = await open('');
    const hostile =
      '<img src=x onerror=alert(1)> ![x](https://evil.example/p?d=1) [a](JaVaScRiPt&#58;alert(1)) <svg><script>alert(1)</script>\n\n```"><img src=x>\nx\n```\n\n<style>@import url(//evil.example)</style>';
    for (let end = 1; end <= hostile.length; end += 1) {
      await page.evaluate(`show(${JSON.stringify(hostile.slice(0, end))}, true)`);
    }
    await page.evaluate(`show(${JSON.stringify(hostile)}, false)`);
    const found = await page.evaluate(
      '[...document.querySelectorAll(\'main :is(script, style, img, iframe, [style], [onerror], a:not([rel="noopener noreferrer nofollow"]))\')].length',
    );
    await expect.poll(() => page.textContent('main')).toContain('<img src=x onerror=alert(1)>');
    await page.context().close();
    expect(found).toBe(0);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  });

  test('a growing answer keeps the elements of its closed blocks', async () => {
    const { page } = await open('');
    await page.evaluate("show('first *block*\\n\\nsecond', true)");
    await page.waitForSelector('main p + p');
    await page.evaluate("window.kept = document.querySelector('main p em')");
    await page.evaluate("show('first *block*\\n\\nsecond block\\n\\nthird', true)");
    await page.waitForSelector('main p + p + p');
    await page.evaluate("show('first *block*\\n\\nsecond block\\n\\nthird.', false)");
    await page.waitForFunction("document.querySelector('main').textContent.endsWith('third.')");
    expect(await page.evaluate("window.kept.isConnected && window.kept === document.querySelector('main p em')")).toBe(true);
    await page.context().close();
  });

  test('a long answer keeps its elements and its distances where its blocks are grouped', async () => {
    const { page } = await open('');
    const kinds = ['words', '# one', '### three', '- item', '***', '> quote', '~~~\ncode\n~~~'];
    // Each kind comes behind each other one at many places, some of them at the edge of a group.
    const order = Array.from({ length: 1200 }, (_, place) => (place * place * 5 + place * 3 + Math.floor(place / 32)) % kinds.length);
    const text = (count: number) =>
      order
        .slice(0, count)
        .map((kind) => kinds[kind])
        .join('\n\n');
    await page.evaluate(`show(${JSON.stringify(text(100))}, true)`);
    await page.waitForSelector('main .md-group + .md-group > *');
    await page.evaluate("window.kept = [...document.querySelectorAll('main .md > *:first-child, main .md-group > *:first-child')]");
    await page.evaluate(`show(${JSON.stringify(text(order.length))}, true)`);
    await page.waitForFunction("document.querySelectorAll('main .md-group').length > 20");
    expect(await page.evaluate('window.kept.length > 2 && window.kept.every((element) => element.isConnected)')).toBe(true);
    const pairs = await page.evaluate<[string, string, string][]>(`(() => {
      const all = [...document.querySelectorAll('main .md > :not(.md-group), main .md-group > *')];
      for (const one of document.querySelectorAll('main .md-group, main .md > *')) {
        one.style.contentVisibility = 'visible';
        if (one.matches('.md-group')) one.style.contain = 'layout';
      }
      return all.slice(1).map((one, index) => {
        const before = all[index];
        const distance = one.getBoundingClientRect().top - before.getBoundingClientRect().bottom;
        return [before.tagName + ' ' + one.tagName, distance.toFixed(1), before.parentElement === one.parentElement ? 'within' : 'at the edge'];
      });
    })()`);
    const distances = new Map<string, Set<string>>();
    for (const [pair, distance] of pairs) distances.set(pair, (distances.get(pair) ?? new Set()).add(distance));
    expect([...distances].filter(([, different]) => different.size > 1).map(([pair, found]) => [pair, ...found])).toEqual([]);
    const edges = new Set(pairs.filter(([, , where]) => where === 'at the edge').map(([pair]) => pair));
    expect(edges.size).toBeGreaterThan(12);
    await page.context().close();
  });

  test('a growing answer keeps what is selected in it, and lays out of long code only the end', async () => {
    const { page } = await open('');
    await page.evaluate("show('what is read', true)");
    await page.waitForSelector('main p');
    await page.evaluate(
      "getSelection().setBaseAndExtent(document.querySelector('main p').firstChild, 0, document.querySelector('main p').firstChild, 7)",
    );
    await page.evaluate("show('what is read and goes on', true)");
    await page.waitForFunction("document.querySelector('main').textContent.endsWith('goes on')");
    expect(await page.evaluate('getSelection().toString()')).toBe('what is');

    const code = Array.from({ length: 1000 }, (_, line) => `const value${line} = ${line};`).join('\n');
    await page.evaluate(`show(${JSON.stringify(`~~~js\n${code.slice(0, 20_000)}`)}, true)`);
    await page.waitForSelector('main .md-code-piece');
    await page.evaluate("window.kept = document.querySelector('main .md-code-piece')");
    await page.evaluate(`show(${JSON.stringify(`~~~js\n${code}`)}, true)`);
    await page.waitForFunction("document.querySelector('main code').textContent.endsWith('= 999;')");
    await expect.poll(() => page.textContent('main code')).toBe(code);
    const first =
      "window.kept.isConnected && document.querySelectorAll('main .md-code-piece').length > 2 && window.kept.textContent.length";
    expect(await page.evaluate(first)).toBeLessThan(10_000);

    // Too long to be coloured: what was drawn stays when it ends, and its height was known before it was seen.
    const long = Array.from({ length: 3000 }, (_, line) => `const value${line} = ${line};`).join('\n');
    await page.evaluate(`show(${JSON.stringify(`~~~js\n${long}`)}, true)`);
    await page.waitForFunction("document.querySelector('main code').textContent.endsWith('= 2999;')");
    await page.evaluate("window.kept = document.querySelector('main .md-code-piece:last-child')");
    await page.evaluate(`show(${JSON.stringify(`~~~js\n${long}\n~~~\n`)}, false)`);
    await page.waitForFunction("document.querySelector('main').getAttribute('aria-busy') !== 'true'");
    expect(await page.evaluate('window.kept.isConnected')).toBe(true);
    await expect.poll(() => page.textContent('main code')).toBe(long);
    const heights = await page.evaluate<[number, number, number]>(`(() => {
      const box = document.querySelector('main .md-code pre');
      const before = box.scrollHeight;
      for (const piece of box.querySelectorAll('.md-code-piece')) piece.style.contentVisibility = 'visible';
      return [before, box.scrollHeight, parseFloat(getComputedStyle(box).lineHeight)];
    })()`);
    // Browsers round the height of a line.
    expect(Math.abs(heights[1] - heights[0])).toBeLessThan(heights[1] / 1000);
    expect(heights[1]).toBeGreaterThan(2999 * heights[2]);
    await page.context().close();
  });
});

describe('the primitives', () => {
  test('a menu opens, moves and closes by keyboard and gives the focus back', async () => {
    const { page, complaints } = await open('ui');
    await page.focus('button[aria-haspopup="menu"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ui-menu:popover-open');
    await screenshot(page, 'ui-menu');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ui-menu:not(:popover-open)', { state: 'attached' });
    await expect.poll(() => page.textContent('#chosen')).toBe('delete');
    expect(await page.evaluate("document.activeElement.getAttribute('aria-haspopup')")).toBe('menu');
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  test('a dialog takes the focus, closes with Esc and gives the focus back', async () => {
    const { page, complaints } = await open('ui');
    await page.getByText('Open dialog').click();
    await page.waitForSelector('dialog[open]');
    expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
    await screenshot(page, 'ui-dialog');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog:not([open])', { state: 'attached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Open dialog');
    await page.context().close();
    expect(complaints).toEqual([]);
  });
});
