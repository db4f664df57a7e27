import { type ReadonlySignal, signal } from '@preact/signals';

export interface ReadMessage {
  readonly conversationId: string;
  readonly messageId: string;
}

/** Which message is read aloud. What does the reading is fetched with the first of them. */
export interface Reading {
  /** The browser can speak. */
  readonly possible: boolean;
  readonly current: ReadonlySignal<ReadMessage | null>;
  /** Reads a message from its beginning, in place of another one. */
  start(conversationId: string, messageId: string): void;
  stop(): void;
}

export function createReading(possible: boolean): Reading {
  const current = signal<ReadMessage | null>(null);
  return {
    possible,
    current,
    start(conversationId, messageId) {
      current.value = { conversationId, messageId };
    },
    stop() {
      current.value = null;
    },
  };
}
