import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import type { Usage } from '../../protocol/index.ts';
import { type Charge, type GenerationRecord, generationsCollection } from '../generations/generation-record.ts';
import { rowsOf, usageCollection } from './usage-record.ts';

/** How many rows keep the names of answers that were counted in them, to be forgotten with their next count. */
const MAX_ROWS = 10_000;

/** Of one answer, in tokens or millionths of a dollar: far beyond any, and thousands of them still add up exactly. */
const MOST = 1e12;

/** What an answer is counted as. @param usage undefined: nothing was asked of the model that it would bill */
export function chargeOf(usage: Usage | undefined, at: number): Charge {
  return {
    at,
    inputTokens: counted(usage?.inputTokens),
    outputTokens: counted(usage?.outputTokens) + counted(usage?.thoughtTokens),
    costMicroUsd: counted(usage?.costMicroUsd),
  };
}

/** No model takes away from what was counted, nor makes a sum that is no number: a budget would never be reached again. */
function counted(value = 0): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, value), MOST) : 0;
}

type Counted = Pick<GenerationRecord, 'id' | 'ownerId' | 'model' | 'leaseOwner'>;

/**
 * Counts every answer exactly once. The write that ends a generation carries its charge and the mark `uncounted`; the rows are
 * added up in the same batch, and the mark goes last. Where a batch can break in the middle (MongoDB) each row remembers the
 * answer in the very write that adds it, so that whoever comes later adds only what is missing. A row forgets the answer when
 * the process that ended it has seen the mark go: nobody else can be counting it then.
 */
export class UsageLedger {
  readonly #documents: DocumentStore;
  readonly #forgettable = new Map<string, string[]>();

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** What the write that ends a generation sets, besides its status. */
  endFields(charge: Charge): { readonly charge: Charge; readonly uncounted: true } {
    return { charge, uncounted: true };
  }

  /** Counts the answer; belongs behind the write that ends it, in the same batch. */
  operations(generation: Counted, charge: Charge): BatchOperation[] {
    return [...this.#rows(generation, charge).flat(), countedOperation(generation)];
  }

  /** The batch that ended and counted the answer was written: its rows need not remember it any longer. */
  settled(generation: Counted, charge: Charge): void {
    for (const { id } of rowsOf(generation.ownerId, generation.model, charge.at)) {
      const names = this.#forgettable.get(id) ?? [];
      names.push(markOf(generation.id));
      this.#forgettable.set(id, names);
    }
    for (const id of this.#forgettable.keys()) {
      if (this.#forgettable.size <= MAX_ROWS) break;
      this.#forgettable.delete(id);
    }
  }

  /** Counts what is missing of an answer whose batch broke. The caller owns its lease. */
  async settle(generationId: string, leaseOwner: string): Promise<void> {
    const generation = await this.#documents.get<GenerationRecord>(generationsCollection.name, generationId);
    if (generation === null || generation.uncounted !== true || generation.leaseOwner !== leaseOwner) return;
    if (await this.#countMissing(generation)) this.settled(generation, generation.charge ?? chargeOf(undefined, 0));
  }

  /**
   * Counts what processes that are gone left uncounted.
   * @param before ended before that (epoch milliseconds): who ended it a moment ago is counting it now
   */
  async settleLeft(processId: string, before: number, isMine: (generationId: string) => boolean): Promise<void> {
    const query = { index: 'byUncounted', where: { uncounted: true }, range: { before }, limit: 200 };
    const page = await this.#documents.find<GenerationRecord>(generationsCollection.name, query);
    for (const found of page.items) {
      if (isMine(found.id)) continue;
      const claim = { expect: { uncounted: true, leaseOwner: found.leaseOwner }, set: { leaseOwner: processId } };
      const claimed = await this.#documents.update<GenerationRecord>(generationsCollection.name, found.id, claim);
      // Its rows go on remembering it: the process that began to count may wake up.
      if (claimed !== null) await this.#countMissing(claimed);
    }
  }

  /** @returns whether this call was the one that took the mark away */
  async #countMissing(generation: GenerationRecord): Promise<boolean> {
    const { charge } = generation;
    for (const [insert, add] of charge === undefined ? [] : this.#rows(generation, charge)) {
      await this.#documents.batch([insert]);
      // Not applied: the row remembers the answer.
      await this.#documents.update(usageCollection.name, add.id, add.change);
    }
    const { id, change } = countedOperation(generation);
    return (await this.#documents.update(generationsCollection.name, id, change)) !== null;
  }

  #rows(generation: Counted, charge: Charge): (readonly [BatchOperation, UpdateOperation])[] {
    const mark = markOf(generation.id);
    const { inputTokens, outputTokens, costMicroUsd } = charge;
    return rowsOf(generation.ownerId, generation.model, charge.at).map((row) => {
      const unset = this.#forgettable.get(row.id) ?? [];
      this.#forgettable.delete(row.id);
      const change = {
        expect: { [mark]: null },
        set: { [mark]: true },
        unset: unset.filter((name) => name !== mark),
        increment: { requests: 1, inputTokens, outputTokens, costMicroUsd },
      };
      const insert = { type: 'insertIfAbsent', collection: usageCollection.name, document: row } as const;
      return [insert, { type: 'update', collection: usageCollection.name, id: row.id, change } as const] as const;
    });
  }
}

type UpdateOperation = Extract<BatchOperation, { type: 'update' }>;

function countedOperation({ id, leaseOwner }: Counted): UpdateOperation {
  const change = { expect: { leaseOwner }, unset: ['uncounted'] };
  return { type: 'update', collection: generationsCollection.name, id, change };
}

/** A field of a usage row; ids of generations are letters and digits. */
function markOf(generationId: string): string {
  return `counted${generationId}`;
}
