import type { Signal } from '@preact/signals';
import { useApp } from '../app-context.ts';

export interface ComposerFacts {
  readonly running: boolean;
  readonly uploading: boolean;
  /** A picture could not be sent: the message must not go out without it. */
  readonly failedFiles: boolean;
  /** The first message of a new conversation is still on its way. */
  readonly opening: boolean;
  readonly bytes: number;
  /** Bytes of UTF-8; 0: no limit. */
  readonly limit: number;
  readonly over: boolean;
  /** There is a text or a picture. */
  readonly filled: boolean;
  /** While an answer is written, what is sent waits for its end. */
  readonly canSend: boolean;
}

const encoder = new TextEncoder();

export function useComposerState(conversationId: string | null, text: Signal<string>): ComposerFacts {
  const { state, uploads } = useApp();
  const items = uploads.items.value.filter((item) => item.scope === (conversationId ?? ''));
  const running = conversationId !== null && state.generations.running.value.has(conversationId);
  const uploading = items.some((item) => item.state === 'uploading');
  const failedFiles = items.some((item) => item.state === 'failed');
  const waiting = state.outbox.entries.value.some((entry) => entry.conversationId === conversationId && entry.state !== 'failed');
  const opening = conversationId === null && waiting;
  const limit = state.settings.info.value?.limits.textBytes ?? 0;
  const bytes = bytesOf(text.value, limit);
  const over = limit > 0 && bytes > limit;
  const filled = text.value.trim() !== '' || items.some((item) => item.state === 'done');
  const held = uploading || failedFiles || opening || over;
  return { running, uploading, failedFiles, opening, bytes, limit, over, filled, canSend: filled && !held };
}

/** Exact near the limit only: a UTF-16 unit is at most three bytes. */
function bytesOf(text: string, limit: number): number {
  return text.length * 3 > limit ? encoder.encode(text).byteLength : text.length;
}
