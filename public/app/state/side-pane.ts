import { type ReadonlySignal, signal } from '@preact/signals';
import type { KeyValueStore } from './ports.ts';

/** An element that stands beside the conversation, or in its place (`whole`). */
export interface PaneTarget {
  readonly conversationId: string;
  readonly messageId: string;
  readonly elementId: string;
  readonly whole: boolean;
}

export interface SidePane {
  readonly target: ReadonlySignal<PaneTarget | null>;
  /** In CSS pixels; the page never gives it more than a part of itself. */
  readonly width: ReadonlySignal<number>;
  open(target: PaneTarget): void;
  /** Opens what came by itself, unless the person has closed an element of the same message. */
  offer(target: PaneTarget): void;
  close(): void;
  resize(width: number): void;
}

export const paneLimits = { least: 280, most: 1100, usual: 440 } as const;
const key = 'jarvis.pane-width';

export function createSidePane(deps: { store: KeyValueStore }): SidePane {
  const target = signal<PaneTarget | null>(null);
  const width = signal(fit(Number(deps.store.get(key) ?? paneLimits.usual)));
  const refused = new Set<string>();
  return {
    target,
    width,
    open(next) {
      refused.delete(next.messageId);
      target.value = next;
    },
    offer(next) {
      if (!refused.has(next.messageId)) target.value = next;
    },
    close() {
      const shown = target.peek();
      if (shown !== null) refused.add(shown.messageId);
      target.value = null;
    },
    resize(next) {
      width.value = fit(next);
      deps.store.set(key, String(width.peek()));
    },
  };
}

function fit(width: number): number {
  const { least, most, usual } = paneLimits;
  return Number.isFinite(width) && width > 0 ? Math.round(Math.min(most, Math.max(least, width))) : usual;
}
