import type { CommandInfo, Finding, ModelInfo, Settings } from '../../../src/protocol/shapes.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';

/** Readers for `notice.data`, which the contract leaves open: what does not fit is left out, and the text of the notice remains. */

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object; its keys are read one by one below
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function list(data: unknown, key: string): readonly unknown[] {
  const value = record(data)?.[key];
  return Array.isArray(value) ? value : [];
}

export function readString(data: unknown, key: string): string | null {
  const value = record(data)?.[key];
  return typeof value === 'string' ? value : null;
}

export interface NoticeRow {
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly updatedAt: string | null;
  readonly snippet: string | null;
}

export function readRows(data: unknown): readonly NoticeRow[] {
  return list(data, 'items').flatMap((item, index) => {
    const id = readString(item, 'id');
    if (id === null) return [];
    const number = record(item)?.['number'];
    return [
      {
        id,
        number: typeof number === 'number' ? number : index + 1,
        title: readString(item, 'title') ?? '',
        updatedAt: readString(item, 'updatedAt'),
        snippet: readString(item, 'snippet'),
      },
    ];
  });
}

export function readCommands(data: unknown): readonly CommandInfo[] {
  // The server sends the same shape as in `welcome`.
  return list(data, 'commands').filter((item): item is CommandInfo => readString(item, 'usage') !== null);
}

export function readModels(data: unknown): readonly ModelInfo[] {
  return list(data, 'models').filter((item): item is ModelInfo => readString(item, 'id') !== null && readString(item, 'label') !== null);
}

/** What a period of a usage report cost, in millionths of a dollar. */
export function readCost(data: unknown, period: 'today' | 'thisMonth'): number | null {
  const cost = record(record(data)?.[period])?.['costMicroUsd'];
  return typeof cost === 'number' ? cost : null;
}

export function readFindings(data: unknown): readonly Finding[] {
  const words = ['code', 'state', 'title', 'text', 'mend'];
  return list(data, 'items').filter(
    (item): item is Finding => record(record(item)?.['params']) !== null && words.every((key) => readString(item, key) !== null),
  );
}

export function readJobs(data: unknown): readonly Job[] {
  return list(data, 'items').filter(isJob);
}

/** The job that a command began. */
export function readJob(data: unknown): Job | null {
  const job = record(data)?.['job'];
  return isJob(job) ? job : null;
}

function isJob(value: unknown): value is Job {
  // The server sends the same shape as in `job.updated`.
  return readString(value, 'id') !== null && readString(value, 'kind') !== null && Array.isArray(record(value)?.['files']);
}

export function readSettings(data: unknown): Settings | null {
  return record(record(data)?.['settings']);
}

export function readExport(data: unknown): { filename: string; mime: string; content: string } | null {
  const filename = readString(data, 'filename');
  const mime = readString(data, 'mime');
  const content = readString(data, 'content');
  return filename === null || mime === null || content === null ? null : { filename, mime, content };
}
