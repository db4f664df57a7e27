import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PluginInfo } from '../../../src/protocol/index.ts';
import { pluginInfoSchema } from '../../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ pluginsFolder: 'test/fixtures/plugin-sets/good' });
});
afterAll(() => app.close());

async function pluginsFor(token: string): Promise<PluginInfo[]> {
  const response = await app.request('/api/plugins', { token });
  expect(response.status).toBe(200);
  const { items } = (await response.json()) as { items: unknown[] };
  return items.map((item) => pluginInfoSchema.strict().parse(item));
}

describe('GET /api/plugins', () => {
  it('tells what each plugin can do, with forms', async () => {
    const { token } = await app.signup();
    const [sample] = await pluginsFor(token);
    expect(sample?.name).toBe('sample');
    expect(sample?.state).toBe('ready');
  });
});
