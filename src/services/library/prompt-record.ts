import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Prompt } from '../../protocol/index.ts';

/** A text that a person keeps to use again. */
export type PromptRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly title: string;
  readonly text: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export const promptsCollection: CollectionSpec = {
  name: 'prompts',
  indexes: [{ name: 'byOwner', fields: ['ownerId', 'updatedAt'] }],
};

export function toPrompt({ id, title, text, createdAt, updatedAt }: PromptRecord): Prompt {
  return { id, title, text, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
}
