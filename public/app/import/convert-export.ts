import { Unzip, UnzipInflate } from 'fflate';
import { linesOf } from './chat-lines.ts';
import { isChatGpt, readChatGpt } from './chatgpt.ts';
import { isClaude, readClaude } from './claude.ts';
import type { ForeignConversation, ForeignFormat, LeftOut, Notes } from './foreign-chat.ts';
import { BrokenJson, createJsonItems, ItemTooLarge, type JsonItems, NoJson } from './json-items.ts';
import { isOpenWebUi, readOpenWebUi } from './open-webui.ts';
import { isRecord, type JsonRecord } from './read-json.ts';

/** Words for what is left out, with `{name}` where it has one. */
export type NoteWords = Readonly<Record<'picture' | 'file' | 'tool' | 'other', string>>;

export interface ConvertOptions {
  /** Bytes of UTF-8 that a person may say at once; 0: no limit. */
  readonly textBytes: number;
  readonly now: number;
  readonly words: NoteWords;
  /** Bytes of the file that were read. */
  readonly progress?: (read: number) => void;
}

export interface ConvertedExport {
  readonly format: ForeignFormat;
  readonly conversations: number;
  readonly messages: number;
  readonly left: Readonly<Record<LeftOut, number>>;
  /** Of the newest and the oldest conversation, ISO. */
  readonly from: string | null;
  readonly to: string | null;
  /** Lines that `POST /api/account/import` takes. */
  readonly lines: Blob;
}

/** `unknown`: no export that we know. `broken`: cut off or damaged. `empty`: nothing in it. `large`: more than a browser should hold. */
export type RefusedReason = 'unknown' | 'broken' | 'empty' | 'large';

export class ExportRefused extends Error {
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason) {
    super(reason);
    this.name = 'ExportRefused';
    this.reason = reason;
  }
}

interface Format {
  readonly id: ForeignFormat;
  readonly fits: (value: JsonRecord) => boolean;
  readonly read: (value: JsonRecord, notes: Notes) => ForeignConversation;
}

const formats: readonly Format[] = [
  { id: 'chatgpt', fits: isChatGpt, read: readChatGpt },
  { id: 'claude', fits: isClaude, read: readClaude },
  { id: 'open-webui', fits: isOpenWebUi, read: readOpenWebUi },
];

/** Of an archive: the conversations, in one file or several. */
const wanted = /(?:^|\/)(?:conversations(?:-\d+)?|chat-export-\d+|all-chats-export-\d+)\.json$/i;
/** Unpacked: what is larger is no list of conversations but a trap. */
const mostUnpackedBytes = 4 * 1024 * 1024 * 1024;
const joinedLines = 500;

/**
 * Reads an export of ChatGPT, Claude or Open WebUI (JSON, or the archive that it came in), one conversation at a time.
 * @throws ExportRefused
 */
export async function convertExport(file: Blob, options: ConvertOptions): Promise<ConvertedExport> {
  const collector = createCollector(options);
  try {
    const zipped = await isZip(file);
    if (zipped) await readZip(file, collector.take, options.progress);
    else await readJson(file, collector.take, options.progress);
  } catch (cause) {
    if (cause instanceof ExportRefused) throw cause;
    if (cause instanceof NoJson) throw new ExportRefused('unknown');
    throw new ExportRefused(cause instanceof ItemTooLarge ? 'large' : 'broken');
  }
  return collector.end();
}

async function isZip(file: Blob): Promise<boolean> {
  const [p, k] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return p === 0x50 && k === 0x4b;
}

async function* chunksOf(file: Blob, progress: ConvertOptions['progress']): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = file.stream().getReader();
  let read = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      read += next.value.length;
      yield new Uint8Array(next.value);
      progress?.(read);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function readJson(file: Blob, take: (item: unknown) => void, progress: ConvertOptions['progress']): Promise<void> {
  const items = createJsonItems(take);
  for await (const chunk of chunksOf(file, progress)) items.push(chunk);
  items.end();
}

async function readZip(file: Blob, take: (item: unknown) => void, progress: ConvertOptions['progress']): Promise<void> {
  let unpacked = 0;
  let begun = 0;
  let ended = 0;
  const unzip = new Unzip((entry) => {
    if (!wanted.test(entry.name)) return;
    begun += 1;
    const items: JsonItems = createJsonItems(take);
    entry.ondata = (error, data, final) => {
      if (error !== null) throw new BrokenJson();
      unpacked += data.length;
      if (unpacked > mostUnpackedBytes) throw new ItemTooLarge();
      items.push(data);
      if (!final) return;
      items.end();
      ended += 1;
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  for await (const chunk of chunksOf(file, progress)) unzip.push(chunk);
  unzip.push(new Uint8Array(0), true);
  if (begun === 0) throw new ExportRefused('unknown');
  if (ended < begun) throw new ExportRefused('broken');
}

function createCollector({ textBytes, now, words }: ConvertOptions) {
  const left: Record<LeftOut, number> = { picture: 0, file: 0, tool: 0, other: 0, empty: 0, unreadable: 0 };
  const notes: Notes = {
    leave(kind, name = '') {
      left[kind] += 1;
      if (kind === 'empty' || kind === 'unreadable') return '';
      const said = name.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
      return words[kind].replace(said === '' ? /:? ?\{name\}/ : '{name}', () => said);
    },
  };
  let format: Format | null = null;
  let conversations = 0;
  let messages = 0;
  let times: { from: number; to: number } | null = null;
  const blobs: Blob[] = [];
  let open: string[] = [];

  function write(lines: readonly string[]): void {
    open.push(...lines);
    if (open.length < joinedLines) return;
    // A blob may lie on the disk; a string lies in memory.
    blobs.push(new Blob([`${open.join('\n')}\n`]));
    open = [];
  }

  function take(item: unknown): void {
    if (!isRecord(item)) throw new ExportRefused('unknown');
    format ??= formats.find(({ fits }) => fits(item)) ?? null;
    if (format === null) throw new ExportRefused('unknown');
    const conversation = format.fits(item) ? format.read(item, notes) : null;
    if (conversation === null || conversation.id === '') notes.leave('unreadable');
    else if (conversation.messages.length === 0) notes.leave('empty');
    else add(format.id, conversation);
  }

  function add(id: ForeignFormat, conversation: ForeignConversation): void {
    const lines = linesOf(id, conversation, { textBytes, now });
    conversations += 1;
    messages += lines.length - 1;
    const at = conversation.createdAt;
    if (at !== null) times = { from: Math.min(times?.from ?? at, at), to: Math.max(times?.to ?? at, at) };
    write(lines);
  }

  function end(): ConvertedExport {
    if (format === null || conversations === 0) throw new ExportRefused(format === null ? 'unknown' : 'empty');
    if (open.length > 0) blobs.push(new Blob([`${open.join('\n')}\n`]));
    const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());
    return { format: format.id, conversations, messages, left, from: iso(times?.from), to: iso(times?.to), lines: new Blob(blobs) };
  }

  return { take, end };
}
