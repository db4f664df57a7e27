import { z } from 'zod';

/** So many of the latest runs count: enough for a median that one odd run cannot move, few enough to follow a new machine. */
export const keptRuns = 15;

const point = z.tuple([z.number().positive(), z.number().positive()]);

const wayFactsSchema = z.object({
  threads: z.number().int().positive(),
  /** 0: the processor's own choice. */
  tile: z.number().int().nonnegative(),
  /** Seconds that the plugin declared, and seconds that it took. */
  points: z.array(point).max(keptRuns),
  /** How many times as fast it was as the way in use, in each trial since that one is in use. */
  gains: z.array(z.number().positive()).max(keptRuns),
  /** The process was lost with it: not tried again. */
  lost: z.boolean(),
});

/** What was measured of one kind of work, at one level, on one execution provider of this machine. */
export const processingFactsSchema = z.object({
  id: z.string().min(1),
  kind: z.string(),
  version: z.string(),
  level: z.enum(['quick', 'normal', 'deep']),
  provider: z.string(),
  /** The last run, epoch milliseconds. */
  at: z.number(),
  runs: z.number().int().nonnegative(),
  /** MiB that the plugin declared, and the peak that was measured. */
  memory: z.array(point).max(keptRuns),
  /** MiB that the last run seems to have lacked; 0 after one that did not. */
  shortMb: z.number().nonnegative(),
  /** Ways of working that were used, the one in use first. */
  ways: z.array(wayFactsSchema).min(1).max(32),
  /** Runs since another way was tried. */
  sinceTrial: z.number().int().nonnegative(),
});

export type WayFacts = z.infer<typeof wayFactsSchema>;
export type ProcessingFacts = z.infer<typeof processingFactsSchema>;

/** Keeps what was learned over restarts. */
export interface ProcessingFactsStore {
  /** The latest, at most `limit`. What cannot be read is left out. */
  load(limit: number): Promise<readonly ProcessingFacts[]>;
  save(facts: ProcessingFacts): Promise<void>;
}
