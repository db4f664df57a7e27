import { describe, expect, it } from 'vitest';
import { createTimedDocuments } from '../../../src/infrastructure/database/timed-documents.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { StoreUnavailableError, UniqueViolationError } from '../../../src/lib/store-errors.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

describe('the timed store', () => {
  it('answers as the store does, and tells how long and how it went', async () => {
    const seen: [string, string, number][] = [];
    let now = 0;
    let insert: () => Promise<void> = () => Promise.resolve();
    const inner: DocumentStore = { ...createMemoryDocuments([{ name: 'things', indexes: [] }]), insert: () => insert() };
    await inner.put('things', { id: 'a' });
    const { documents, waiting } = createTimedDocuments({
      documents: inner,
      observe: (operation, outcome, ms) => seen.push([operation, outcome, ms]),
      now: () => now,
    });
    expect(await documents.get('things', 'a')).toEqual({ id: 'a' });
    let release: () => void = () => {};
    insert = () => new Promise((resolve) => (release = resolve));
    const slow = documents.insert('things', { id: 'b' });
    expect(waiting()).toBe(1);
    now += 7;
    release();
    await slow;
    expect(waiting()).toBe(0);
    insert = () => Promise.reject(new UniqueViolationError('things', 'id'));
    await expect(documents.insert('things', { id: 'b' })).rejects.toBeInstanceOf(UniqueViolationError);
    insert = () => Promise.reject(new StoreUnavailableError('away'));
    await expect(documents.insert('things', { id: 'c' })).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(seen).toEqual([
      ['get', 'ok', 0],
      ['insert', 'ok', 7],
      ['insert', 'refused', 0],
      ['insert', 'unavailable', 0],
    ]);
  });
});
