/** How long things may take around a running answer, in milliseconds. Tests shorten them. */
export interface ChatTimings {
  /** A process owns a generation this long without renewing (PROMISES G7). */
  readonly leaseMs: number;
  /** How often leases are renewed, and those of dead processes looked for. */
  readonly heartbeatMs: number;
  /** How often a wish to stop that another process wrote down is looked for, while something runs. */
  readonly stopPollMs: number;
  /** How long events may stay unsaved before a running answer is given up (PROMISES G9). */
  readonly maxUnsavedMs: number;
}

export const chatTimings: ChatTimings = { leaseMs: 45_000, heartbeatMs: 10_000, stopPollMs: 500, maxUnsavedMs: 30_000 };
