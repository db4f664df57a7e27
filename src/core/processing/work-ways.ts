import type { ProcessingFacts, WayFacts } from './processing-facts.ts';
import { medianOf } from './robust-statistics.ts';

/** How a run works. */
export interface WorkWay {
  /** Of the processor, at least 1. */
  readonly threads: number;
  /** Side of a tile in pixels; 0: the processor's own choice. */
  readonly tile: number;
}

export interface TrialRoom {
  /** What the run would do without a trial. */
  readonly usual: WorkWay;
  /** That work may use; null: threads make no difference. */
  readonly threads: number | null;
  /** Whether more threads than usual would take from nobody. */
  readonly mayUseMore: boolean;
  /** Of the memory that was granted, the highest part that was ever used. */
  readonly memoryShare: number;
}

/** One run in so many tries another way. */
const TRIAL_EVERY = 8;
/** A way is taken into use after so many trials at the earliest, and given up after so many at the latest. */
const LEAST_TRIALS = 3;
const MOST_TRIALS = 5;
/** Given up at once below this part of the gain that it has to bring, and after a second trial below the other. */
const HOPELESS = 0.7;
const DOUBTFUL = 0.95;
/** Tiles that did well with networks of this sort, in pixels a side (smaller ones lose to their overlap, larger ones cost memory without a gain). */
const TILES: readonly number[] = [96, 128, 192, 256];
/** Other tiles are tried only by who used at most this part of the memory, so that no trial ends for want of it; the largest by less. */
const TILE_MEMORY_SHARE = 0.6;
const LARGE_TILE = 256;
const LARGE_TILE_MEMORY_SHARE = 0.35;
/** A change has to pay: another tile by some speed, more threads by much of it; fewer threads may cost a little. */
const FASTER = 1.1;
const MORE_THREADS_FASTER = 1.3;
const FEWER_THREADS_SLOWER = 0.85;

/** The way to try in the run that begins now; null: the usual one. */
export function nextTrial({ ways, sinceTrial }: Pick<ProcessingFacts, 'ways' | 'sinceTrial'>, room: TrialRoom): WorkWay | null {
  const inUse = ways[0];
  if (inUse === undefined || sinceTrial < TRIAL_EVERY - 1 || inUse.points.length < LEAST_TRIALS) return null;
  return neighboursOf(room).find((way) => isOpen(ways, inUse, way)) ?? null;
}

/**
 * The ways with the one to use first. The one in use stays until trials have shown a better one; what was found out in comparison with
 * the old one then says nothing any more.
 */
export function chosenWay(ways: readonly WayFacts[]): WayFacts[] {
  const inUse = ways[0];
  if (inUse === undefined) return [];
  const better = ways.find((way) => way !== inUse && isBetter(way, inUse));
  if (better === undefined) return [...ways];
  return [better, ...ways.filter((way) => way !== better)].map((way) => ({ ...way, gains: [] }));
}

function isBetter(way: WayFacts, inUse: WayFacts): boolean {
  return !way.lost && way.gains.length >= LEAST_TRIALS && medianOf(way.gains) >= neededGain(way, inUse);
}

function neededGain(way: WorkWay, inUse: WorkWay): number {
  if (way.threads > inUse.threads) return MORE_THREADS_FASTER;
  return way.threads < inUse.threads ? FEWER_THREADS_SLOWER : FASTER;
}

/** Of threads half and twice as many, of tiles every size: one thing changed at a time. */
function neighboursOf({ usual, threads, mayUseMore, memoryShare }: TrialRoom): WorkWay[] {
  const half = usual.threads >> 1;
  const double = mayUseMore ? Math.min(usual.threads * 2, threads ?? 0) : 0;
  const counts = threads === null ? [] : [half, double].filter((count) => count >= 1 && count !== usual.threads);
  const tiles = TILES.filter((tile) => tile !== usual.tile && memoryShare > 0 && memoryShare <= memoryShareOf(tile));
  return [...counts.map((count) => ({ threads: count, tile: usual.tile })), ...tiles.map((tile) => ({ threads: usual.threads, tile }))];
}

function memoryShareOf(tile: number): number {
  return tile >= LARGE_TILE ? LARGE_TILE_MEMORY_SHARE : TILE_MEMORY_SHARE;
}

/** Whether a way is still to be judged. */
function isOpen(ways: readonly WayFacts[], inUse: WayFacts, way: WorkWay): boolean {
  const known = ways.find(({ threads, tile }) => threads === way.threads && tile === way.tile);
  if (known === undefined || known.gains.length === 0) return known?.lost !== true;
  if (known.lost || known.gains.length >= MOST_TRIALS) return false;
  const least = known.gains.length === 1 ? HOPELESS : DOUBTFUL;
  return medianOf(known.gains) >= neededGain(way, inUse) * least;
}
