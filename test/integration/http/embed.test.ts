import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let publicDirectory: string;
let app: TestApp | undefined;

beforeAll(async () => {
  publicDirectory = await mkdtemp(join(tmpdir(), 'jarvis-embed-'));
  await writeFile(join(publicDirectory, 'index.html'), '<!doctype html>');
  await writeFile(join(publicDirectory, 'widget.js'), '0');
});
afterEach(() => app?.close());
afterAll(() => rm(publicDirectory, { recursive: true }));

const ancestorsOf = ({ headers }: Response) => /frame-ancestors ([^;]+)/.exec(headers.get('content-security-policy') ?? '')?.[1];

describe('the chat in another page', () => {
  it('is not there until somebody lists that page', async () => {
    app = await startTestApp({ publicDirectory });
    const answers = await Promise.all(['/widget.js', '/embed', '/api/embed', '/'].map((path) => app?.request(path) as Promise<Response>));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 200, 200]);
    expect(await answers[2]?.json()).toEqual({ origins: [] });
    expect(new Set(answers.map(ancestorsOf))).toEqual(new Set(["'none'"]));
  });

  it('may be framed by the listed pages only, at one address only, and its script be loaded from anywhere', async () => {
    app = await startTestApp({ publicDirectory, env: { EMBED_ORIGINS: 'https://shop.example, https://WWW.example:443' } });
    const [widget, embed, list, page, missing] = await Promise.all(
      ['/widget.js', '/embed', '/api/embed', '/', '/embed/x'].map((path) => app?.request(path) as Promise<Response>),
    );
    expect([widget?.status, embed?.status]).toEqual([200, 200]);
    expect(widget?.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(widget?.headers.get('content-type')).toMatch('javascript');
    expect(embed && ancestorsOf(embed)).toBe('https://shop.example https://www.example');
    expect(embed?.headers.get('x-frame-options')).toBeNull();
    expect(embed?.headers.get('content-security-policy')).toMatch("script-src 'self'");
    expect(await list?.json()).toEqual({ origins: ['https://shop.example', 'https://www.example'] });
    for (const other of [widget, page, missing]) {
      expect(other && ancestorsOf(other)).toBe("'none'");
      expect(other?.headers.get('x-frame-options')).toBe('DENY');
    }
    expect((await app.request('/embed', { method: 'POST' })).status).toBeGreaterThanOrEqual(403);
  });
});
