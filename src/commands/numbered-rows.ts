import type { Conversation } from '../protocol/index.ts';

export interface NumberedRow {
  /** From 1: what /select takes. */
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly updatedAt: string;
}

export function numberedRows(conversations: readonly Conversation[]): NumberedRow[] {
  return conversations.map(({ id, title, updatedAt }, index) => ({ number: index + 1, id, title, updatedAt }));
}
