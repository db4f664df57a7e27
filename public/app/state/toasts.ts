import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from './ports.ts';

export interface ToastEntry {
  readonly id: string;
  /** A finished sentence in the language of the moment. */
  readonly text: string;
  readonly tone: 'info' | 'success' | 'warning' | 'danger';
  /** Words of a plugin: their direction is their own. A sentence of the page that begins with a Latin title is still one of the page. */
  readonly foreign?: boolean;
  readonly action?: { readonly label: string; readonly onSelect: () => void };
  /** One of the same key takes the other's place; without an action that is its text. */
  readonly key?: string;
}

export interface Toasts {
  readonly entries: ReadonlySignal<readonly ToastEntry[]>;
  add(toast: Omit<ToastEntry, 'id'>): void;
  dismiss(id: string): void;
}

/** Long enough to read a sentence and reach for its button. */
const shownMs = 8000;

export function createToasts(deps: { clock: Clock }): Toasts {
  const entries = signal<readonly ToastEntry[]>([]);
  let next = 0;
  const dismiss = (id: string) => {
    entries.value = entries.value.filter((toast) => toast.id !== id);
  };
  return {
    entries,
    dismiss,
    add(toast) {
      const id = `t${++next}`;
      const { action, key = action === undefined ? toast.text : id, ...rest } = toast;
      const once = {
        label: action?.label ?? '',
        onSelect: () => {
          dismiss(id);
          action?.onSelect();
        },
      };
      const others = entries.value.filter((other) => other.key !== key);
      entries.value = [...others, { ...rest, id, key, ...(action === undefined ? {} : { action: once }) }].slice(-4);
      deps.clock.after(shownMs, () => dismiss(id));
    },
  };
}
