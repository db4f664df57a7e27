import type { Logger } from '../../lib/logger.ts';
import type { StoredFile } from '../../protocol/index.ts';
import type { JobOutcome } from '../ports/job-executor.ts';
import type { JobKinds } from '../ports/job-kinds.ts';
import type { JobResultCache, JobUploads } from './job-ports.ts';
import type { JobRecord } from './job-record.ts';
import { existing, paramsOf } from './job-view.ts';

/** A result that was made before: the files still exist. */
export interface KnownResult {
  readonly files: readonly StoredFile[];
  readonly text?: string;
  readonly data?: string;
  readonly facts: JobOutcome['facts'];
  readonly provider?: string;
  readonly seconds: number;
}

type Remembered = Omit<KnownResult, 'files'> & { readonly files: readonly string[] };

export interface JobResultsOptions {
  readonly cache: JobResultCache | null;
  readonly uploads: Pick<JobUploads, 'find'>;
  readonly kinds: Pick<JobKinds, 'find'>;
  readonly logger: Logger;
}

/** What equal work of the same person gave before. What is remembered are ids and words; the pictures are the stored ones. */
export class JobResults {
  readonly #options: JobResultsOptions;

  constructor(options: JobResultsOptions) {
    this.#options = options;
  }

  /** Never rejects: without a cache the work is done anew. */
  async find(ownerId: string, workKey: string): Promise<KnownResult | null> {
    const { cache, uploads, logger } = this.#options;
    try {
      const stored = (await cache?.get(`job:${workKey}`)) ?? null;
      if (stored === null) return null;
      const { files: ids, ...rest }: Remembered = JSON.parse(Buffer.from(stored).toString('utf8'));
      const files = existing(ids, await uploads.find(ownerId, ids));
      return files.length < ids.length ? null : { ...rest, files };
    } catch (error) {
      logger.warn({ error }, 'the cache of results could not be read');
      return null;
    }
  }

  /** Never rejects. What was drawn by lot is not remembered: who asks again wants another one. */
  async remember(record: JobRecord, facts: JobOutcome['facts']): Promise<void> {
    const params = paramsOf(record);
    if (this.#options.kinds.find(record.kind)?.isRepeatable?.(params) === false) return;
    if (facts['seed'] !== undefined && params['seed'] !== facts['seed']) return;
    const { text, data, provider, seconds = 0, results } = record;
    const kept: Remembered = {
      files: results,
      facts,
      seconds,
      ...(text === undefined ? {} : { text }),
      ...(data === undefined ? {} : { data }),
      ...(provider === undefined ? {} : { provider }),
    };
    try {
      await this.#options.cache?.set(`job:${record.workKey}`, Buffer.from(JSON.stringify(kept)));
    } catch (error) {
      this.#options.logger.warn({ jobId: record.id, error }, 'a result could not be remembered');
    }
  }
}
