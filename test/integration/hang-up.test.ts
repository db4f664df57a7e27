import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeGemini, startFakeGemini } from '../support/fake-gemini.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let gemini: FakeGemini;
let app: TestApp;
beforeAll(async () => {
  gemini = await startFakeGemini();
  app = await startTestApp({ env: { GEMINI_API_KEY: 'key-of-a-test', GEMINI_BASE_URL: gemini.url('one-then-silent') } });
});
afterAll(async () => {
  await app.close();
  await gemini.close();
});

describe('a model that has gone silent', () => {
  // Node's fetch keeps what listens to its signal by weak references: an abort after a garbage collection reached nobody.
  it('is hung up on when the answer is stopped, however much garbage was collected meanwhile', async () => {
    const { client } = await app.signup();
    const accepted = await client.ask('hello');
    await client.waitFor('generation.delta');
    for (let round = 0; round < 5; round += 1) {
      collectGarbage();
      // A turn of the loop in between: finalizers run there.
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.send({ type: 'generation.stop', generationId: accepted.generationId });
    expect((await client.finished(accepted.generationId)).status).toBe('stopped');
    const asked = gemini.of('one-then-silent').find(({ path }) => path.includes('streamGenerateContent'));
    await asked?.aborted;
    expect(asked?.sentText()).toBe('one');
  });
});
