import type { JobOutcome } from '../ports/job-executor.ts';
import type { JobKind } from '../ports/job-kinds.ts';
import type { ResultParts } from './job-message.ts';
import type { JobRecord } from './job-record.ts';
import { paramsOf } from './job-view.ts';
import { storableJson } from './storable-json.ts';

type Made = Pick<JobOutcome, 'facts' | 'provider' | 'seconds'>;

/** Where a result comes from: enough to make it again. */
export function provenanceOf(record: JobRecord, { facts, provider, seconds }: Made, kind: JobKind | null): ResultParts['provenance'] {
  const params = paramsOf(record);
  const models = kind?.estimate({ params, level: record.level, pictures: record.pictures }).models ?? [];
  const [model] = models;
  return {
    // First: what the work noted may say more, never something else.
    ...Object.fromEntries(Object.entries(facts).filter(([key]) => /^[\w-]{1,64}$/.test(key) && key !== '__proto__')),
    jobId: record.id,
    kind: record.kind,
    plugin: record.plugin,
    version: record.pluginVersion,
    params: storableJson(params),
    level: record.level,
    ...(model === undefined ? {} : { model, models: [...models] }),
    ...(provider === undefined ? {} : { provider }),
    seconds: Math.round(seconds * 100) / 100,
    sources: [...record.input],
  };
}
