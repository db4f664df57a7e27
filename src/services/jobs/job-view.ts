import { isoTime } from '../../lib/clock.ts';
import type { GalleryItem, Job, StoredFile } from '../../protocol/index.ts';
import type { GalleryRecord, JobRecord } from './job-record.ts';

/** What is known of a job in memory and not (yet) stored. */
export interface JobOverlay {
  readonly version: number;
  readonly progress: number | null;
  readonly note?: Job['note'];
  readonly position?: number;
  readonly etaSeconds?: number;
  /** Number of the newest preview. */
  readonly preview?: number;
}

/** @param files pictures of the job, as far as they still exist */
export function toJob(record: JobRecord, files: readonly StoredFile[], overlay?: JobOverlay): Job {
  return {
    id: record.id,
    clientJobId: record.clientJobId,
    kind: record.kind,
    plugin: record.plugin,
    status: record.status,
    level: record.level,
    params: paramsOf(record),
    input: [...record.input],
    results: [...record.results],
    files: files.map((file) => ({ ...file })),
    attempts: record.attempts,
    createdAt: isoTime(record.createdAt),
    ...resultOf(record),
    ...placeOf(record),
    ...progressOf(record, overlay),
  };
}

function progressOf(record: JobRecord, overlay: JobOverlay | undefined): Pick<Job, 'version' | 'progress'> & Partial<Job> {
  if (overlay === undefined || !record.open) {
    const note = record.note === undefined || !record.open ? {} : { note: record.note };
    return { version: record.version, progress: record.status === 'succeeded' ? 100 : record.progress, ...note };
  }
  const { version, progress, note, position, etaSeconds, preview } = overlay;
  return {
    version,
    progress,
    ...(note === undefined ? {} : { note }),
    ...(position === undefined ? {} : { position }),
    ...(etaSeconds === undefined ? {} : { etaSeconds: Math.max(0, Math.round(etaSeconds)) }),
    ...(preview === undefined ? {} : { preview }),
  };
}

function placeOf({ conversationId, messageId, retryAt, startedAt, endedAt, status }: JobRecord): Partial<Job> {
  return {
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(status !== 'queued' || retryAt === undefined || retryAt === null ? {} : { retryAt: isoTime(retryAt) }),
    ...(startedAt === undefined ? {} : { startedAt: isoTime(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: isoTime(endedAt) }),
  };
}

function resultOf({ text, data, cached, provider, seconds, error }: JobRecord): Partial<Job> {
  return {
    ...(text === undefined ? {} : { text }),
    ...(data === undefined ? {} : { data: parsed(data) }),
    ...(cached === undefined ? {} : { cached }),
    ...(provider === undefined ? {} : { provider }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(error === undefined ? {} : { error }),
  };
}

/** As it is told unasked: what programs get of a result may be 256 KiB, and is asked for by id. */
export function toldJob({ data: _data, ...job }: Job): Job {
  return job;
}

const LISTED_CHARACTERS = 2000;

/** As it stands in a list: a page of whole texts would be megabytes. */
export function listedJob(job: Job): Job {
  const { text, ...told } = toldJob(job);
  if (text === undefined || text.length <= LISTED_CHARACTERS) return text === undefined ? told : { ...told, text };
  return { ...told, text: `${text.slice(0, LISTED_CHARACTERS)}…` };
}

/** One item for each picture of the record that still exists. */
export function toGalleryItems(record: GalleryRecord, known: ReadonlyMap<string, StoredFile>, hasConversation: boolean): GalleryItem[] {
  const { id, kind, plugin, conversationId, messageId } = record;
  const place =
    hasConversation && conversationId !== undefined ? { conversationId, ...(messageId === undefined ? {} : { messageId }) } : {};
  const sources = existing(record.sources, known);
  const provenance: GalleryItem['provenance'] = JSON.parse(record.provenance);
  const common = { id, kind, plugin, provenance, sources, ...place, createdAt: isoTime(record.createdAt) };
  return existing(record.files, known).map((file) => ({ ...common, file }));
}

/** The parameters as they were parsed. */
export function paramsOf(record: Pick<JobRecord, 'params'>): Job['params'] {
  const params: Job['params'] = JSON.parse(record.params);
  return params;
}

function parsed(json: string): NonNullable<Job['data']> {
  const value: NonNullable<Job['data']> = JSON.parse(json);
  return value;
}

/** In the order of `ids`, without those that are gone. */
export function existing(ids: readonly string[], known: ReadonlyMap<string, StoredFile>): StoredFile[] {
  return ids.flatMap((id) => known.get(id) ?? []);
}
