import { expect, it } from 'vitest';
import { createAnswerReader } from '../../../src/models/gemini/answer-reader.ts';

it('tells what was cached and what pictures took, over all hops of an answer', () => {
  const reader = createAnswerReader();
  const usageMetadata = {
    ...{ promptTokenCount: 1000, candidatesTokenCount: 1300, totalTokenCount: 2300, cachedContentTokenCount: 900 },
    candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }, { modality: 'IMAGE', tokenCount: 1290 }, null, { modality: 'IMAGE' }],
  };
  reader.read({ usageMetadata });
  reader.nextHop();
  reader.read({ usageMetadata: { ...usageMetadata, cachedContentTokenCount: undefined } });
  expect(reader.usage()).toEqual({
    ...{ inputTokens: 2000, outputTokens: 2600, thoughtTokens: 0, totalTokens: 4600, cachedTokens: 900, imageTokens: 2580 },
  });
});

it('leaves both out where the service does not speak of them', () => {
  const reader = createAnswerReader();
  reader.read({ usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, cachedContentTokenCount: 'many' } });
  expect(reader.usage()).toEqual({ inputTokens: 3, outputTokens: 4, thoughtTokens: 0, totalTokens: 7 });
});

it('joins a long text around a signature to one part before it and one behind', () => {
  const reader = createAnswerReader();
  const read = (part: unknown): unknown => reader.read({ candidates: [{ content: { parts: [part] } }] });
  const words = Array.from({ length: 150 }, (_, n) => `w${n} `);
  for (const text of words) read({ text });
  read({ text: '', thoughtSignature: 'c2ln' });
  read({ text: 'the end' });
  expect(reader.rawParts()).toEqual([{ text: words.join('') }, { text: '', thoughtSignature: 'c2ln' }, { text: 'the end' }]);
  expect(reader.size.text).toBe(words.join('').length + 7);
});
