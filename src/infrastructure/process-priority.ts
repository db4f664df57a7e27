import { constants, setPriority } from 'node:os';

/**
 * For a child that works while people chat: the server goes first where both want the same core. Not the lowest priority: on a machine that is full
 * this still gets a tenth of a core, so that work goes on. On Linux it counts for this thread and for those that are made later.
 */
export function stepBack(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed here: it works at normal priority.
  }
}

/** For a thread that works beside the one that serves people. On Linux a thread has a priority of its own; elsewhere it would be that of the whole process. */
export function stepBackThread(priority: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, priority);
  } catch {
    // Not allowed here: the thread works at normal priority.
  }
}
