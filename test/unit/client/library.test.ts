import { describe, expect, it } from 'vitest';
import { chooseEntries, type Findable } from '../../../public/app/palette/choose-entries.ts';
import { fuzzyMatch } from '../../../public/app/palette/fuzzy-match.ts';
import { createFavourites } from '../../../public/app/state/favourites.ts';
import { createPrompts, fillPrompt, variablesOf } from '../../../public/app/state/prompts.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import { createTrash } from '../../../public/app/state/trash.ts';
import type { Favourite, Prompt, Trashed } from '../../../src/protocol/library-shapes.ts';

const at = '2026-01-01T00:00:00.000Z';

describe('variables of a prompt', () => {
  it('are names in braces, each asked for once, in any script', () => {
    expect(variablesOf('{name}, {زبان مقصد} and {name} again')).toEqual(['name', 'زبان مقصد']);
  });

  it('are not what code and JSON hold in braces', () => {
    expect(variablesOf('function f() { return {"a": 1}; } {{escaped}} {} {1}')).toEqual([]);
  });

  it('are filled in; doubled braces become single ones, and a value is not read again', () => {
    const values = new Map([['name', '{other} $&']]);
    expect(fillPrompt('Dear {name}, {{keep}} {missing}!', values)).toBe('Dear {other} $&, {keep} !');
  });
});

describe('what a few letters find', () => {
  const shown = (query: string, text: string) => {
    const match = fuzzyMatch(query, text);
    return match?.ranges.map(([from, to]) => text.slice(from, to));
  };

  it.each([
    ['gall', 'Gallery', ['Gall']],
    ['chat new', 'New chat', ['New', 'chat']],
    ['nwc', 'New chat', ['N', 'w', 'c']],
    ['ecole', 'École française', ['École']],
    ['كتاب', 'کتاب فارسی', ['کتاب']],
    ['می شود', 'می‌شود', ['می', 'شود']],
    ['xyz', 'New chat', undefined],
  ])('%s in %s', (query, text, expected) => {
    expect(shown(query, text)).toEqual(expected);
  });

  it('prefers the beginning of a word to its middle, and both to scattered letters', () => {
    const score = (text: string) => fuzzyMatch('set', text)?.score ?? Number.NEGATIVE_INFINITY;
    expect(score('Settings')).toBeGreaterThan(score('Reset the form'));
    expect(score('Reset the form')).toBeGreaterThan(score('Show every trash'));
  });

  const entry = (id: string, group: Findable['group'], more: Partial<Findable> = {}): Findable => ({
    ...{ id, group, label: id },
    ...more,
  });

  it('shows first things without a query, the best group first with one, and commands alone after a slash', () => {
    const entries = [
      entry('Trash talk', 'chats', { first: true }),
      entry('Trash', 'actions'),
      entry('New chat', 'actions', { first: true }),
      entry('/trash', 'commands'),
      entry('From the server', 'chats', { found: true }),
    ];
    const ids = (query: string) => chooseEntries(entries, query).map(({ group, entries: own }) => [group, own.map(({ id }) => id)]);
    expect(ids('')).toEqual([
      ['chats', ['Trash talk']],
      ['actions', ['New chat']],
    ]);
    expect(ids('trash')).toEqual([
      ['actions', ['Trash']],
      ['chats', ['Trash talk', 'From the server']],
      ['commands', ['/trash']],
    ]);
    expect(ids('/tr')).toEqual([['commands', ['/trash']]]);
  });
});

/** A server that answers at once, or refuses. */
function fakeRest(pages: Readonly<Record<string, readonly unknown[]>>) {
  const asked: string[] = [];
  const rules = { refuse: false };
  async function ask<T>(method: string, path: string): Promise<T> {
    asked.push(`${method} ${path.replace(/\?.*/, '')}`);
    await Promise.resolve();
    if (rules.refuse) throw new RequestError('STORE_UNAVAILABLE');
    return { items: pages[path.replace(/\?.*/, '')] ?? [], nextCursor: null } as T;
  }
  const rest = {
    get: <T>(path: string) => ask<T>('GET', path),
    post: <T>(path: string) => ask<T>('POST', path),
    patch: <T>(path: string) => ask<T>('PATCH', path),
    put: <T>(path: string) => ask<T>('PUT', path),
    remove: <T>(path: string) => ask<T>('DELETE', path),
  };
  return { rest, asked, rules };
}

describe('what is taken away', () => {
  const trashed = (id: string): Trashed => ({
    ...{ id, title: id, headId: null, createdAt: at, updatedAt: at, deletedAt: at, goneAt: at },
  });

  it('comes back to its place in the trash when it could not be restored or erased', async () => {
    const { rest, asked, rules } = fakeRest({ '/api/trash': [trashed('a'), trashed('b'), trashed('c')] });
    const restore = () => Promise.reject(new RequestError('NOT_FOUND'));
    const trash = createTrash({ rest, conversations: { restore } });
    await trash.list.load();
    const ids = () => trash.list.view.value.items.map(({ id }) => id);
    const restoring = trash.restore(trashed('b'));
    expect(ids()).toEqual(['a', 'c']);
    await expect(restoring).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(ids()).toEqual(['a', 'b', 'c']);
    rules.refuse = true;
    await expect(trash.empty()).rejects.toThrow();
    expect(ids()).toEqual(['a', 'b', 'c']);
    rules.refuse = false;
    await trash.erase(trashed('a'));
    expect(ids()).toEqual(['b', 'c']);
    expect(asked.slice(-1)).toEqual(['DELETE /api/trash/a']);
  });

  it('goes at once from the favourites, and comes back when refused or undone', async () => {
    const favourite = (messageId: string, day: number): Favourite => ({
      ...{ messageId, conversationId: 'c', text: messageId, createdAt: `2026-01-0${day}T00:00:00.000Z` },
    });
    const { rest, rules } = fakeRest({ '/api/favourites': [favourite('x', 2), favourite('y', 1)] });
    const favourites = createFavourites({ rest });
    await favourites.list.load();
    const ids = () => favourites.list.view.value.items.map(({ messageId }) => messageId);
    rules.refuse = true;
    const removal = favourites.remove(favourite('x', 2));
    expect(ids()).toEqual(['y']);
    await expect(removal).rejects.toThrow();
    expect(ids()).toEqual(['x', 'y']);
    rules.refuse = false;
    await favourites.remove(favourite('x', 2));
    await favourites.keep(favourite('x', 2));
    expect(ids()).toEqual(['x', 'y']);
  });

  it('is a prompt again when its removal or its change is refused', async () => {
    const prompt = (id: string): Prompt => ({ id, title: id, text: 'text', createdAt: at, updatedAt: at });
    const { rest, rules } = fakeRest({ '/api/prompts': [prompt('b'), prompt('a')] });
    const prompts = createPrompts({ rest });
    await prompts.load();
    const list = () => prompts.items.value.map(({ title }) => title);
    expect(list()).toEqual(['a', 'b']);
    rules.refuse = true;
    const removal = prompts.remove(prompt('a'));
    expect(list()).toEqual(['b']);
    await expect(removal).rejects.toThrow();
    const change = prompts.change(prompt('b'), { title: 'z', text: 'text' });
    expect(list()).toEqual(['a', 'z']);
    await expect(change).rejects.toThrow();
    expect(list()).toEqual(['a', 'b']);
  });
});
