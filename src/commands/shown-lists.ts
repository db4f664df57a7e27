import type { CommandContext } from './command.ts';

const MAX_LISTS = 1000;

/** The conversations behind the numbers that a person last saw, so that `/select 3` means the third of that list. */
export interface ShownLists {
  remember(context: CommandContext, ids: readonly string[]): void;
  /** @param number from 1 @returns undefined when there is no such row, or the list is forgotten */
  find(context: CommandContext, number: number): string | undefined;
}

/** Kept in memory for the latest 1000 sessions; whoever asks falls back to the current order. */
export function createShownLists(): ShownLists {
  const lists = new Map<string, readonly string[]>();
  const keyOf = (context: CommandContext): string => context.sid ?? `user ${context.user?.id ?? ''}`;
  return {
    remember(context, ids) {
      const key = keyOf(context);
      lists.delete(key);
      lists.set(key, ids);
      if (lists.size <= MAX_LISTS) return;
      const oldest = lists.keys().next();
      if (oldest.done !== true) lists.delete(oldest.value);
    },
    find: (context, number) => lists.get(keyOf(context))?.[number - 1],
  };
}
