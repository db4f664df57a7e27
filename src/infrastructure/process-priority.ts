import { constants, setPriority } from 'node:os';

/**
 * For a child that works while people chat: the server goes first where both want the same core. Not the lowest priority: on a machine that is full
 * this still gets a tenth of a core, so that work goes on. On Linux it counts for this thread and for those that are made later.
 */
export function stepBack(): void {
  lowerTo(constants.priority.PRIORITY_BELOW_NORMAL);
}

/** For a thread beside the one that serves people, which may wait for everything else. Only Linux has priorities of threads; elsewhere it would be that of the server. */
export function stepBackThread(): void {
  if (process.platform === 'linux') lowerTo(constants.priority.PRIORITY_LOW);
}

function lowerTo(priority: number): void {
  try {
    setPriority(0, priority);
  } catch {
    // Not allowed here: it works at normal priority.
  }
}
