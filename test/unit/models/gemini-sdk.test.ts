import { afterEach, expect, it, vi } from 'vitest';
import { createGeminiSdk } from '../../../src/models/gemini/gemini-sdk.ts';

afterEach(() => vi.unstubAllGlobals());

it('sends nothing, with its key and past the watch, when the model was shut down while the SDK was loaded', async () => {
  let sent = 0;
  vi.stubGlobal('fetch', async () => {
    sent += 1;
    return new Response('{}', { status: 400 });
  });
  const call = new AbortController();
  const opened = createGeminiSdk('key', 'http://127.0.0.1:1').open('m', { contents: [], generationConfig: {}, store: false }, call.signal);
  call.abort();
  await expect(opened).rejects.toThrow('aborted');
  expect(sent).toBe(0);
});
