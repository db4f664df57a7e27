import type { ClientFrameOf } from '../../../src/protocol/client-frames.ts';
import type { StoredFile } from '../../../src/protocol/shapes.ts';
import type { ErrorParams } from './request-error.ts';

/** Frames that open an answer. Commands are not kept here: they may hold a password, and running one late would surprise. */
export type OutboxFrame = ClientFrameOf<'message.send' | 'message.edit' | 'message.regenerate' | 'message.continue'>;

export interface OutboxError {
  readonly code: string;
  readonly message: string;
  readonly params?: ErrorParams | undefined;
  readonly requestId?: string | undefined;
}

/**
 * `queued`: waits for another message or answer of its conversation. `late`: not accepted within 10 s and tried again.
 * `failed`: the server will not take it as it is.
 */
export interface OutboxEntry {
  readonly id: string;
  readonly frame: OutboxFrame;
  readonly conversationId: string | null;
  readonly files: readonly StoredFile[];
  readonly createdAt: number;
  readonly state: 'sending' | 'queued' | 'late' | 'failed';
  /** It may have reached the server: only the server knows whether it was accepted. */
  readonly tried: boolean;
  /** False where the browser's storage refused it: it goes out, but would not survive a reload. */
  readonly kept: boolean;
  readonly error?: OutboxError;
}
