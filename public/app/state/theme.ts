import { type ReadonlySignal, signal } from '@preact/signals';
import type { KeyValueStore } from './ports.ts';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

export interface Theme {
  readonly choice: ReadonlySignal<ThemeChoice>;
  choose(choice: ThemeChoice): void;
}

const key = 'jarvis.theme';

/** @param apply writes the choice where the styles see it */
export function createTheme(deps: { store: KeyValueStore; apply: (choice: ThemeChoice) => void }): Theme {
  const stored = deps.store.get(key);
  const choice = signal<ThemeChoice>(themeChoices.find((one) => one === stored) ?? 'system');
  deps.apply(choice.value);
  return {
    choice,
    choose(next) {
      choice.value = next;
      deps.store.set(key, next);
      deps.apply(next);
    },
  };
}
