import { describe, expect, it } from 'vitest';
import { createComposing, withQuotation } from '../../../public/app/state/composing.ts';

describe('what the next conversation will be', () => {
  it('holds temporary and folder for one conversation, profile and modes until they are changed', () => {
    const composing = createComposing();
    composing.chooseNew({ temporary: true, folderId: 'f1', profile: 'cook' });
    expect(composing.newChat.value).toEqual({ temporary: true, folderId: 'f1', profile: 'cook' });
    composing.takeNew();
    expect(composing.newChat.value).toEqual({ profile: 'cook' });
  });

  it('carries nothing that was taken back, and nothing of the person before', () => {
    const composing = createComposing();
    composing.chooseNew({ temporary: true });
    composing.chooseNew({ temporary: undefined });
    expect(Object.keys(composing.newChat.value)).toEqual([]);
    composing.chooseNew({ profile: 'cook' });
    composing.quote('secret');
    composing.clear();
    expect([composing.newChat.value, composing.inserted.value]).toEqual([{}, null]);
  });

  it('gives words to the composer once', () => {
    const composing = createComposing();
    composing.insert('a prompt');
    expect(composing.takeInserted()).toEqual({ how: 'caret', words: 'a prompt' });
    expect(composing.takeInserted()).toBeNull();
  });
});

describe('a quotation', () => {
  it('marks every line, and leaves room below', () => {
    expect(withQuotation('', 'one\n\n two ')).toBe('> one\n>\n>  two\n\n');
  });

  it('stands below what was written already', () => {
    expect(withQuotation('My words  \n', 'theirs')).toBe('My words\n\n> theirs\n\n');
  });

  it('is nothing without words', () => {
    expect(withQuotation('My words', ' \n ')).toBe('My words');
  });
});
