import { describe, expect, it } from 'vitest';
import { contextUse, guessTokens } from '../../../public/app/gauge/context-use.ts';
import type { Message, ModelInfo, Usage } from '../../../src/protocol/shapes.ts';

const model: ModelInfo = { id: 'm', label: 'M', provider: 'p', thinking: false, images: false, contextTokens: 1000 };
const usage = (totalTokens: number, costMicroUsd?: number): Usage => ({
  ...{ inputTokens: totalTokens, outputTokens: 0, thoughtTokens: 0, totalTokens },
  ...(costMicroUsd === undefined ? {} : { costMicroUsd }),
});
const message = (role: Message['role'], used?: Usage): Message => ({
  ...{ id: 'x', conversationId: 'c', parentId: null, role, status: 'complete', parts: [], createdAt: '' },
  ...(used === undefined ? {} : { usage: used }),
});

describe('how full the window of a model is', () => {
  it('says nothing before the model has answered', () => {
    expect(contextUse([message('user'), message('assistant')], model, 'draft')).toBeNull();
  });

  it('takes the count of the last answer, adds the draft and sums what all answers cost', () => {
    const branch = [message('user'), message('assistant', usage(100, 20)), message('user'), message('assistant', usage(300, 40))];
    expect(contextUse(branch, model, 'x'.repeat(400))).toEqual({
      ...{ used: 300, draft: 100, window: 1000, share: 0.4, costMicroUsd: 60, unpriced: false },
    });
  });

  it('is never more than full, and knows no share of a window that nobody names', () => {
    const branch = [message('assistant', usage(5000))];
    expect(contextUse(branch, model, '')?.share).toBe(1);
    const { contextTokens: _, ...nameless } = model;
    expect(contextUse(branch, nameless, '')).toMatchObject({ window: null, share: null, costMicroUsd: null });
  });

  it('says when the cost is not that of every answer', () => {
    expect(contextUse([message('assistant', usage(1, 5)), message('assistant', usage(2))], model, '')).toMatchObject({
      costMicroUsd: 5,
      unpriced: true,
    });
  });

  it('counts a Persian letter as more than a Latin one', () => {
    expect(guessTokens('abcdefgh')).toBe(2);
    expect(guessTokens('سلامسلام')).toBe(4);
  });
});
