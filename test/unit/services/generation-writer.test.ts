import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BatchOperation } from '../../../src/lib/document-store.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { GenerationLog } from '../../../src/services/generations/generation-log.ts';
import { generationEventsCollection } from '../../../src/services/generations/generation-record.ts';
import { GenerationWriter } from '../../../src/services/generations/generation-writer.ts';
import { createWriteRounds } from '../../../src/services/generations/write-rounds.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

function write(onBatch: (operations: readonly BatchOperation[]) => void) {
  const clock = createFakeClock();
  const ids = { generationId: 'g', conversationId: 'c', messageId: 'm', epoch: 'e' };
  const shape = { conversationId: 'c', parentId: 'q', role: 'assistant', status: 'streaming' } as const;
  const log = new GenerationLog(ids, { id: 'm', ...shape, parts: [], createdAt: '2026-01-01T00:00:00.000Z' });
  const memory = createMemoryDocuments([generationEventsCollection, messagesCollection]);
  const lost: string[] = [];
  const documents = {
    ...memory,
    batch: (operations: readonly BatchOperation[]) => {
      onBatch(operations);
      return memory.batch(operations);
    },
  };
  const onLost = (reason: string) => void lost.push(reason);
  const rounds = createWriteRounds(clock);
  const writer = new GenerationWriter({ documents, log, clock, rounds, logger: silentLogger, maxUnsavedMs: 30_000, onLost });
  const wait = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { log, writer, memory, lost, wait };
}

const gone = () => {
  throw new StoreUnavailableError('gone');
};

it('has the text in the store less than 200 ms after people have it', async () => {
  const { log, writer, memory, wait } = write(() => {});
  log.appendText('text', 'the first words');
  await wait(199);
  expect(await memory.get('generationEvents', 'g-1')).toMatchObject({ text: 'the first words' });
  await writer.close();
});

it('gives an answer up when more than 256 KiB of it cannot be stored, and not before', async () => {
  const { log, writer, lost, wait } = write(gone);
  log.appendText('text', 'x'.repeat(256 * 1024));
  await wait(200);
  expect(lost).toEqual([]);
  log.appendText('text', 'x');
  await wait(1000);
  expect(lost).toEqual(['store']);
  await writer.close();
});

it('gives an answer up when it cannot be stored for more than 30 s, and not before', async () => {
  const { log, writer, lost, wait } = write(gone);
  log.appendText('text', 'a few words');
  await wait(200);
  for (let second = 0; second < 29; second += 1) await wait(1000);
  expect(lost).toEqual([]);
  for (let second = 0; second < 3; second += 1) await wait(1000);
  expect(lost[0]).toBe('store');
  await writer.close();
});
