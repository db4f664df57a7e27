import type { ResourceNeeds } from '../base/resource-aware.ts';

/** Whose share it is. The name `*` stands for everyone of that sort who has no quota of their own. */
export type QuotaSubject = `${'user' | 'plugin' | 'model'}:${string}`;

/** CPU in threads, memory in MiB. */
type Share = Required<ResourceNeeds>;

const nothing: Share = { cpuThreads: 0, memoryMb: 0, gpuMemoryMb: 0 };

/** The shares of users, plugins and models, and what each of them holds of its share now. */
export class QuotaManager {
  readonly lends: boolean;
  readonly #quotas = new Map<QuotaSubject, Share>();
  readonly #held = new Map<QuotaSubject, Share>();

  /** @param lends whether a share that its owner leaves idle may be used by others until the owner comes. Default true */
  constructor({ lends = true }: { readonly lends?: boolean } = {}) {
    this.lends = lends;
  }

  /**
   * @param cpu threads
   * @param memory MiB
   * @param gpu MiB of the graphics card
   */
  setQuota(subject: QuotaSubject, cpu: number, memory: number, gpu = Number.POSITIVE_INFINITY): void {
    this.#quotas.set(subject, { cpuThreads: cpu, memoryMb: memory, gpuMemoryMb: gpu });
  }

  /** Whether anybody has a quota. */
  get hasQuotas(): boolean {
    return this.#quotas.size > 0;
  }

  /** Null: no limit. */
  quotaOf(subject: QuotaSubject): Share | null {
    const sort = subject.slice(0, subject.indexOf(':'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the sort of a subject is one of the three
    return this.#quotas.get(subject) ?? this.#quotas.get(`${sort}:*` as QuotaSubject) ?? null;
  }

  heldBy(subject: QuotaSubject): Share {
    return this.#held.get(subject) ?? nothing;
  }

  /** Whether all of them stay within their shares with so much more. Who holds nothing may always begin one task: no share is too small for work. */
  isWithin(subjects: readonly QuotaSubject[], needs: Share): boolean {
    return subjects.every((subject) => this.#hasRoom(subject, needs));
  }

  take(subjects: readonly QuotaSubject[], needs: Share): void {
    for (const subject of subjects) this.#held.set(subject, sum(this.heldBy(subject), needs, 1));
  }

  giveBack(subjects: readonly QuotaSubject[], needs: Share): void {
    for (const subject of subjects) {
      const held = this.#held.get(subject);
      if (held === undefined) continue;
      const left = sum(held, needs, -1);
      if (left.cpuThreads <= 0 && left.memoryMb <= 0 && left.gpuMemoryMb <= 0) this.#held.delete(subject);
      else this.#held.set(subject, left);
    }
  }

  /** The same shares and holdings, to try out what would happen. */
  copy(): QuotaManager {
    const copy = new QuotaManager({ lends: this.lends });
    for (const [subject, quota] of this.#quotas) copy.#quotas.set(subject, quota);
    for (const [subject, held] of this.#held) copy.#held.set(subject, held);
    return copy;
  }

  #hasRoom(subject: QuotaSubject, needs: Share): boolean {
    const quota = this.quotaOf(subject);
    const held = this.#held.get(subject);
    if (quota === null || held === undefined) return true;
    const wanted = sum(held, needs, 1);
    return wanted.cpuThreads <= quota.cpuThreads && wanted.memoryMb <= quota.memoryMb && wanted.gpuMemoryMb <= quota.gpuMemoryMb;
  }
}

function sum(a: Share, b: Share, sign: 1 | -1): Share {
  return {
    cpuThreads: a.cpuThreads + sign * b.cpuThreads,
    memoryMb: a.memoryMb + sign * b.memoryMb,
    gpuMemoryMb: a.gpuMemoryMb + sign * b.gpuMemoryMb,
  };
}
