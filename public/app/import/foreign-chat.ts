/** What other programs keep, in one shape. */

export type ForeignFormat = 'chatgpt' | 'claude' | 'open-webui';

/** What is not taken over. `empty` and `unreadable` count conversations, the others things in them. */
export type LeftOut = 'picture' | 'file' | 'tool' | 'other' | 'empty' | 'unreadable';

export interface ForeignPart {
  readonly type: 'text' | 'thought';
  readonly text: string;
}

export interface ForeignMessage {
  /** Of the file; the same message has the same one in each export. */
  readonly id: string;
  /** Of a message that stands before this one; null for a first one. */
  readonly parentId: string | null;
  readonly role: 'user' | 'assistant';
  /** In milliseconds since the epoch; null where the file does not say. */
  readonly time: number | null;
  readonly parts: readonly ForeignPart[];
  readonly model?: string | undefined;
}

export interface ForeignConversation {
  readonly id: string;
  readonly title: string;
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  /** Parents before their children. */
  readonly messages: readonly ForeignMessage[];
  /** The last message of the branch that was shown. */
  readonly headId: string | null;
}

export interface Notes {
  /** Counts what is left out. @returns the words that stand in its place */
  leave(kind: LeftOut, name?: string): string;
}

/** Adds to the parts of a message; texts that follow each other are one, with an empty line between them. */
export function addPart(parts: ForeignPart[], type: ForeignPart['type'], text: string): void {
  const trimmed = text.trim();
  if (trimmed === '') return;
  const last = parts.at(-1);
  if (last?.type === type) parts[parts.length - 1] = { type, text: `${last.text}\n\n${trimmed}` };
  else parts.push({ type, text: trimmed });
}

/** A block of code; its fence is longer than any in the text. */
export function fenced(text: string, language = ''): string {
  let fence = '```';
  while (text.includes(fence)) fence += '`';
  return `${fence}${/^[\w+#.-]{1,32}$/.test(language) ? language : ''}\n${text.trimEnd()}\n${fence}`;
}
