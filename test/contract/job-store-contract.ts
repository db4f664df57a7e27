import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentDatabase, DocumentStore } from '../../src/lib/document-store.ts';
import { newId } from '../../src/lib/new-id.ts';
import { type ConversationRecord, conversationsCollection } from '../../src/services/conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../../src/services/conversations/message-record.ts';
import { acceptedOperations, jobMessage } from '../../src/services/jobs/job-message.ts';
import type { JobRecord } from '../../src/services/jobs/job-record.ts';
import { JobStore } from '../../src/services/jobs/job-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';

export interface JobStoreFixture {
  readonly name: string;
  /** A batch is all or nothing. */
  readonly atomic: boolean;
  open(): Promise<{ database: DocumentDatabase; close(): Promise<void> }>;
}

/** What jobs need of a store: one acceptance, one claim, one commit, and nothing left undone. */
export function jobStoreContract({ name, atomic, open }: JobStoreFixture): void {
  describe(`jobs on ${name}`, () => {
    const clock = createFakeClock();
    const uploads = { refer: () => Promise.resolve() };
    let opened: Awaited<ReturnType<typeof open>>;
    let documents: DocumentStore;
    let store: JobStore;

    beforeAll(async () => {
      opened = await open();
      documents = opened.database.documents;
      store = new JobStore({ documents, clock, uploads });
    });
    afterAll(() => opened.close());

    async function conversation(stored = true): Promise<ConversationRecord> {
      const now = clock.now();
      const rest = {
        title: '',
        titledBy: 'automatic',
        headId: null,
        settings: {},
        state: 'live',
        deletedAt: null,
        runningId: null,
      } as const;
      const record: ConversationRecord = { id: newId(), ownerId: 'ada', ...rest, words: [], createdAt: now, updatedAt: now };
      if (stored) await documents.insert(conversationsCollection.name, record);
      return record;
    }

    function rowFor(more: Partial<JobRecord> = {}): JobRecord {
      const id = newId();
      return {
        ...{
          id,
          ownerId: 'ada',
          clientJobId: id,
          dedupeKey: `ada:${id}`,
          bodyHash: 'b',
          workKey: 'w',
          kind: 'k',
          plugin: 'p',
          pluginVersion: '1',
        },
        ...{ level: 'normal', params: '{"a.b":1}', input: [], pictures: [], status: 'queued', open: true, version: 1 },
        ...{ createdAt: clock.now(), queuedAt: clock.now(), attempts: 0, crashes: 0, progress: null, results: [] },
        ...{ attemptToken: null, leaseOwner: null, leaseUntil: null },
        ...more,
      };
    }

    const claim = (record: JobRecord) => store.claim(record, { token: randomUUID(), owner: 'here', leaseMs: 30_000 });

    it('are accepted with their message and the head of the conversation, once for a client id', async () => {
      const place = await conversation();
      const message = jobMessage(place, newId(), null, clock.now());
      const row = rowFor({ conversationId: place.id, messageId: message.id });
      const accepted = await store.accept(row, acceptedOperations(message, false), acceptedOperations(message, true));
      expect(accepted?.id).toBe(row.id);
      expect(await documents.get<ConversationRecord>(conversationsCollection.name, place.id)).toMatchObject({ headId: message.id });
      expect((await store.get(row.id))?.pending).toBeUndefined();
      const again = { ...rowFor(), dedupeKey: row.dedupeKey };
      expect(await store.accept(again, [], [])).toBeNull();
      expect(await store.get(again.id)).toBeNull();
      expect((await store.byKey(row.dedupeKey))?.id).toBe(row.id);
    });

    it(atomic ? 'are not accepted in part' : 'are accepted with the row, and mended from it', async () => {
      const gone = await conversation(false);
      const message = jobMessage(gone, newId(), null, clock.now());
      const row = rowFor({ conversationId: gone.id, messageId: message.id });
      const accepting = store.accept(row, acceptedOperations(message, false), acceptedOperations(message, true));
      if (atomic) await expect(accepting).rejects.toThrow();
      else expect((await accepting)?.id).toBe(row.id);
      expect(await store.get(row.id)).toEqual(atomic ? null : expect.objectContaining({ id: row.id }));
      const stored = await documents.get<MessageRecord>(messagesCollection.name, message.id);
      expect(stored?.id).toBe(atomic ? undefined : message.id);
    });

    it('are taken by one of many, and committed by who holds them', async () => {
      const row = rowFor();
      await store.accept(row, [], []);
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(row)));
      const [held] = claims.filter((claimed) => claimed !== null);
      expect(claims.filter((claimed) => claimed !== null).length).toBe(1);
      if (held === undefined) throw new Error('nobody got it');
      expect(held).toMatchObject({ status: 'running', attempts: 1 });
      expect(await store.renew({ ...held, attemptToken: 'another' }, { progress: 1 })).toBe(false);
      expect(await store.succeed({ ...held, attemptToken: 'another' }, { results: ['x'] }, { operations: [], refer: [] })).toBeNull();
      const ended = await store.succeed(held, { results: ['f'] }, { operations: [], refer: [{ referrer: 'job', fileIds: ['f'] }] });
      expect(ended).toMatchObject({ status: 'succeeded', open: false, results: ['f'] });
      // Its answer was lost, and it is committed again: the same.
      expect(await store.succeed(held, { results: ['f'] }, { operations: [], refer: [] })).toMatchObject({ results: ['f'] });
      if (ended !== null) await store.followUp(ended);
      expect((await store.get(row.id))?.pendingSince).toBeUndefined();
      expect(await store.end(held, 'cancelled')).toBeNull();
    });

    it('go back into the queue uncounted, or counted, and are found by every list that needs them', async () => {
      const row = rowFor({ ownerId: 'bob' });
      await store.accept(row, [], []);
      const first = await claim(row);
      if (first === null) throw new Error('not claimed');
      expect(await store.release(first)).toMatchObject({ status: 'queued', attempts: 0, attemptToken: null });
      const second = await claim(row);
      if (second === null) throw new Error('not claimed');
      const ids = async (query: Parameters<JobStore['find']>[0]) => (await store.find(query)).items.map(({ id }) => id);
      expect(
        await ids({ index: 'byLease', where: { status: 'running' }, range: { before: Number.MAX_SAFE_INTEGER }, limit: 100 }),
      ).toContain(row.id);
      expect(await ids({ index: 'byOwnerOpen', where: { ownerId: 'bob', open: true }, limit: 10 })).toEqual([row.id]);
      expect(await store.requeue(second, { retryAt: clock.now() + 5, crashes: 1 })).toMatchObject({ attempts: 1, crashes: 1 });
      expect(await ids({ index: 'byQueue', where: { status: 'queued' }, range: { to: clock.now() }, limit: 100 })).toContain(row.id);
      const waiting = await store.get(row.id);
      if (waiting === null) throw new Error('it is gone');
      expect(await store.end(waiting, 'cancelled')).toMatchObject({ status: 'cancelled' });
      expect(await ids({ index: 'byEnd', where: { status: 'cancelled' }, range: { from: 0 }, limit: 100 })).toContain(row.id);
      expect(await store.reaches(1, 'byOwnerOpen', { ownerId: 'bob', open: true })).toBe(false);
      expect(await ids({ index: 'byPending', where: {}, range: { from: 0 }, limit: 100 })).not.toContain(row.id);
    });
  });
}
