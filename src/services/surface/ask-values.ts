import { AppError } from '../../lib/app-error.ts';
import type { JsonValue } from '../../lib/document-store.ts';
import { type AskSpec, idSchema, type StoredFile } from '../../protocol/index.ts';
import { checkedForm } from './field-values.ts';

/** An answer that fits its question. */
export interface CheckedAnswer {
  /** What the plugin gets. */
  readonly value: JsonValue;
  /** What the message shows. */
  readonly shown: JsonValue;
  readonly fileIds: readonly string[];
}

const MAX_TEXT = 16 * 1024;
/** Most that one answer hands to a plugin, in bytes: it crosses to another process. */
export const maxAnswerBytes = 64 * 1024 * 1024;
export const maxAskFileBytes = 32 * 1024 * 1024;

function refusal(field: string, message?: string): AppError {
  return new AppError('BAD_REQUEST', { params: { field }, ...(message === undefined ? {} : { message }) });
}

/**
 * Checks an answer against its question.
 * @param filesOf those of the person that exist
 * @throws AppError BAD_REQUEST that names what does not fit, TOO_LARGE
 */
export async function checkedAnswer(
  spec: AskSpec,
  value: unknown,
  filesOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, StoredFile>>,
): Promise<CheckedAnswer> {
  switch (spec.kind) {
    case 'text':
      return plain(textOf(spec, value));
    case 'choice': {
      const option = spec.options.find((each) => each.value === value);
      if (option === undefined) throw refusal('value', 'That is none of the choices.');
      return { value: option.value, shown: option.label, fileIds: [] };
    }
    case 'form':
      return plain(checkedForm(spec.fields, value));
    case 'file':
      return filesAnswer(spec, value, filesOf);
  }
}

function plain(value: JsonValue): CheckedAnswer {
  return { value, shown: value, fileIds: [] };
}

function textOf({ maxLength = MAX_TEXT }: Extract<AskSpec, { kind: 'text' }>, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw refusal('value', 'An answer is missing.');
  if (value.length > Math.min(maxLength, MAX_TEXT)) throw new AppError('TOO_LARGE', { params: { limit: Math.min(maxLength, MAX_TEXT) } });
  return value;
}

async function filesAnswer(
  spec: Extract<AskSpec, { kind: 'file' }>,
  value: unknown,
  filesOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, StoredFile>>,
): Promise<CheckedAnswer> {
  const ids = Array.isArray(value) ? value.filter((id): id is string => idSchema.safeParse(id).success) : [];
  const { maxFiles = 1 } = spec;
  if (!Array.isArray(value) || ids.length !== value.length || ids.length === 0 || new Set(ids).size !== ids.length) throw refusal('value');
  if (ids.length > maxFiles) throw refusal('value', `At most ${maxFiles} files.`);
  const files = await filesOf(ids);
  const given = ids.map((id) => files.get(id));
  let bytes = 0;
  for (const file of given) {
    if (file === undefined) throw refusal('value', 'One of the files is not here any more.');
    checkFile(spec, { name: file.name ?? '', mime: file.mime, size: file.size });
    bytes += file.size;
  }
  if (bytes > maxAnswerBytes) throw new AppError('TOO_LARGE', { params: { maxBytes: maxAnswerBytes } });
  const shown = given.flatMap((file) =>
    file === undefined ? [] : [{ fileId: file.id, url: file.url, name: file.name ?? '', size: file.size }],
  );
  return { value: ids, shown, fileIds: ids };
}

/** @throws AppError UNSUPPORTED_MEDIA, TOO_LARGE */
export function checkFile(
  spec: Extract<AskSpec, { kind: 'file' }>,
  file: { readonly name: string; readonly mime: string; readonly size: number },
): void {
  const maxBytes = Math.min(spec.maxBytes ?? maxAskFileBytes, maxAskFileBytes);
  if (file.size > maxBytes) throw new AppError('TOO_LARGE', { params: { maxBytes } });
  if (!isAccepted(spec.accept ?? [], file)) throw new AppError('UNSUPPORTED_MEDIA', { params: { field: 'file' } });
}

/** As the attribute `accept` of a file field: endings of names, types, or all of a kind. It helps people; it is no protection. */
function isAccepted(accept: readonly string[], { name, mime }: { readonly name: string; readonly mime: string }): boolean {
  if (accept.length === 0) return true;
  return accept.some((entry) => {
    const wanted = entry.trim().toLowerCase();
    if (wanted.startsWith('.')) return name.toLowerCase().endsWith(wanted);
    if (wanted.endsWith('/*')) return mime.startsWith(wanted.slice(0, -1));
    return wanted === mime || wanted === '*/*';
  });
}
