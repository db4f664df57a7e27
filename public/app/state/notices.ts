import { type ReadonlySignal, signal } from '@preact/signals';
import type { ServerFrameOf } from '../../../src/protocol/server-frames.ts';
import type { RequestError } from './request-error.ts';

type NoticeFrame = ServerFrameOf<'notice'>;

/** A card in the flow of a conversation that is not stored: what a command answered. */
export interface NoticeCard {
  readonly id: string;
  readonly conversationId: string | null;
  /** The message it stands under; null: before the first one. */
  readonly afterMessageId: string | null;
  /** The command as it may be shown. */
  readonly command: string | null;
  readonly answer:
    | { readonly state: 'running' }
    | { readonly state: 'done'; readonly notice: Pick<NoticeFrame, 'code' | 'params' | 'text' | 'data'> }
    | { readonly state: 'failed'; readonly error: RequestError };
}

export interface Notices {
  readonly cards: ReadonlySignal<readonly NoticeCard[]>;
  add(card: NoticeCard): void;
  settle(id: string, answer: NoticeCard['answer']): void;
  dismiss(id: string): void;
  /** A new conversation got its id. */
  move(from: string | null, to: string): void;
  clear(): void;
}

const mostCards = 50;

export function createNotices(): Notices {
  const cards = signal<readonly NoticeCard[]>([]);
  return {
    cards,
    add(card) {
      cards.value = [...cards.value, card].slice(-mostCards);
    },
    settle(id, answer) {
      cards.value = cards.value.map((card) => (card.id === id ? { ...card, answer } : card));
    },
    dismiss(id) {
      cards.value = cards.value.filter((card) => card.id !== id);
    },
    move(from, to) {
      cards.value = cards.value.map((card) => (card.conversationId === from ? { ...card, conversationId: to } : card));
    },
    clear() {
      cards.value = [];
    },
  };
}
