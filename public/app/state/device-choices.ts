import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { KeyValueStore } from './ports.ts';

/** What one person chose for this browser alone. */
export interface DeviceChoice {
  /** Says so when a long answer or a job is done while the page is hidden. */
  readonly notify: boolean;
  /** Such a notice may show words of the conversation. */
  readonly previews: boolean;
  /** Recent chats are kept here, to be read without a connection. Null: not chosen. */
  readonly keepChats: boolean | null;
  /** The person was told once that there are notifications. */
  readonly hinted: boolean;
}

export interface DeviceChoices {
  /** Null while nobody is signed in. */
  readonly current: ReadonlySignal<DeviceChoice | null>;
  /** Opens the browser's question whether to install the page; null where it has none. */
  readonly install: Signal<(() => void) | null>;
  load(userId: string): void;
  unload(): void;
  change(part: Partial<DeviceChoice>): void;
}

const none: DeviceChoice = { notify: false, previews: false, keepChats: null, hinted: false };

export function createDeviceChoices({ store }: { readonly store: KeyValueStore }): DeviceChoices {
  const current = signal<DeviceChoice | null>(null);
  let owner: string | null = null;
  const keyOf = (userId: string) => `jarvis.device.${userId}`;
  return {
    current,
    install: signal(null),
    load(userId) {
      owner = userId;
      current.value = parse(store.get(keyOf(userId)));
    },
    unload() {
      owner = null;
      current.value = null;
    },
    change(part) {
      if (owner === null) return;
      current.value = { ...(current.peek() ?? none), ...part };
      store.set(keyOf(owner), JSON.stringify(current.peek()));
    },
  };
}

function parse(text: string | null): DeviceChoice {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field may be absent and is looked at
    const value = JSON.parse(text ?? 'null') as Partial<DeviceChoice> | null;
    const keepChats = typeof value?.keepChats === 'boolean' ? value.keepChats : null;
    return { notify: value?.notify === true, previews: value?.previews === true, hinted: value?.hinted === true, keepChats };
  } catch {
    return none;
  }
}
