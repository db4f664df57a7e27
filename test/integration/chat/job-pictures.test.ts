import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeGemini, startFakeGemini } from '../../support/fake-gemini.ts';
import { createFakeExecutor, createFakeKinds } from '../../support/job-fakes.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let fake: FakeGemini;
let app: TestApp;
const executor = createFakeExecutor();

beforeAll(async () => {
  fake = await startFakeGemini();
  fake.script('sees', [{ text: 'A cat.' }, { finish: 'STOP' }]);
  const env = { GEMINI_API_KEY: 'test-key', GEMINI_BASE_URL: fake.url('sees') };
  app = await startTestApp({ env, jobExecutor: executor, jobKinds: createFakeKinds() });
});
afterAll(async () => {
  await app.close();
  await fake.close();
});

it('A picture that a job made is what Gemini sees in the turn of the person who asks about it', async () => {
  const { client, token } = await app.signup();
  const post = async (path: string, body: object) =>
    (await app.request(path, { method: 'POST', token, body: JSON.stringify(body) })).json() as Promise<Record<string, { id: string }>>;
  const { conversation } = await post('/api/conversations', {});
  const conversationId = conversation?.id ?? '';
  await client.request({ type: 'conversation.open', conversationId });
  const { job } = await post('/api/jobs', { clientJobId: 'j1', kind: 'test.copy', conversationId });
  await (await executor.next()).succeed(1, { text: 'EXIT' });
  await client.waitFor('message.updated', ({ message }) => message.parts.length === 3);
  const asked = await client.ask('What is on it?', { conversationId });
  await client.finished(asked.generationId);
  expect(asked.message.parentId).not.toBeNull();
  expect(job?.id).toBeDefined();
  const sent = fake.of('sees').findLast(({ path }) => path.includes('GenerateContent'))?.body;
  expect(sent).toMatchObject({
    contents: [
      {
        role: 'user',
        parts: [{ inlineData: { mimeType: 'image/png' } }, { text: '[Result of test.copy: 1 picture]\nEXIT\n\nWhat is on it?' }],
      },
    ],
  });
});
