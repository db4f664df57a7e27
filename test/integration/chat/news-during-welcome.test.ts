import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelInfo } from '../../../src/protocol/index.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

/** A model whose list comes when the test says so. */
class SlowlyListed extends ScriptedModel {
  held: Promise<void> = Promise.resolve();
  asked: () => void = () => {};

  override async list(): Promise<readonly ModelInfo[]> {
    this.asked();
    await this.held;
    return super.list();
  }
}

let app: TestApp;
let model: SlowlyListed;
beforeAll(async () => {
  model = new SlowlyListed();
  app = await startTestApp({ models: [model] });
});
afterAll(() => app.close());

it('what changes while a welcome is read is told behind it', async () => {
  const { client, token } = await app.signup('Ada');
  const late = await WsClient.connect(app.origin.replace('http', 'ws') + '/ws');
  let release = () => {};
  model.held = new Promise((resolve) => {
    release = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    model.asked = resolve;
  });
  const greeted = late.hello(token);
  await asked;
  await client.request({ type: 'settings.update', settings: { level: 'deep' } });
  await client.request({ type: 'draft.update', conversationId: null, text: 'half a thought' });
  release();
  await greeted;
  // Whatever is behind the welcome is here once this is answered.
  await late.request({ type: 'ping' });
  const behind = late.frames.slice(late.frames.findIndex(({ type }) => type === 'welcome') + 1);
  expect(behind).toContainEqual(expect.objectContaining({ type: 'settings.updated', settings: { level: 'deep' } }));
  expect(behind).toContainEqual(
    expect.objectContaining({ type: 'draft.updated', draft: expect.objectContaining({ text: 'half a thought' }) }),
  );
  late.terminate();
});
