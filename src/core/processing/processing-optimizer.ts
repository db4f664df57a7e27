import type { WorkLevel } from '../base/processor-interface.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';
import { keptRuns, type ProcessingFacts, type WayFacts } from './processing-facts.ts';
import { lineThrough, medianOf } from './robust-statistics.ts';
import { chosenWay, nextTrial, type WorkWay } from './work-ways.ts';

/** What kind of work it is. */
export interface WorkSort {
  readonly kind: string;
  /** Of the plugin. */
  readonly version: string;
  readonly level: WorkLevel;
}

/** What a plugin declares of a task. */
export type DeclaredWork = ResourceNeeds & { readonly seconds: number };

/** A run whose process was lost. */
export interface LostWork {
  readonly sort: WorkSort;
  readonly declared: Pick<DeclaredWork, 'memoryMb'>;
  readonly granted: Pick<ResourceNeeds, 'memoryMb'>;
  readonly way: WorkWay;
  /** It was ended because it took more memory than it was granted. */
  readonly forMemory: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A run that is to begin. */
export interface BegunWork {
  readonly declared: DeclaredWork;
  readonly granted: Pick<ResourceNeeds, 'cpuThreads' | 'memoryMb'>;
  /** Nothing else runs: more threads than granted would take from nobody. */
  readonly alone: boolean;
}

/** What a run took. */
export interface MeasuredWork {
  readonly sort: WorkSort;
  readonly declared: Pick<DeclaredWork, 'seconds' | 'memoryMb'>;
  readonly way: WorkWay;
  /** Empty: it does not say. */
  readonly provider: string;
  readonly seconds: number;
  /** 0: not measured. */
  readonly peakMemoryMb: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ProcessingOptimizerOptions {
  /** Of the processor, that work may use. */
  readonly threads: number;
  /** MiB that one task may have at most: what was learned never asks for more, or such work would be refused for ever. */
  readonly memoryMb: number;
  /** Prefix of the ids of facts: what was measured elsewhere says nothing about this machine. */
  readonly machine: string;
}

/** So many sorts of work are remembered; the one that was not done for the longest time is forgotten. */
export const mostSorts = 200;
/** A line through the runs is drawn of at least so many, when the largest task is so many times the smallest. */
const LINE_RUNS = 6;
const LINE_SPREAD = 3;
/** Below so many runs the estimate leans on what is known of other work. */
const SURE_RUNS = 3;
/** Nothing is expected to take more, or less, than so many times what was declared: by few runs, and by many. */
const UNSURE_FACTOR = 4;
const SURE_FACTOR = 25;
/** Memory is declared for a reason: it is lowered only after so many runs, to so much above the highest peak, and never below half. */
const MEMORY_MARGIN = 1.7;
const LOWER_RUNS = 8;
/** Of what it had, for a run that had too little. */
const AFTER_MEMORY_LOSS = 1.5;
/** Above the usual peak. */
const EXCESS_ROOM = 1.1;
const LOWEST_SHARE = 0.5;
/** Nobody waits longer than usual for a long job because something is tried with it. */
const LONGEST_TRIAL_SECONDS = 60;

/**
 * Learns how long work really takes on this machine and what memory it reaches, corrects what plugins declare by that, and finds out
 * which number of threads and which size of tiles do best. Pure: what it learned is handed out to be stored.
 */
export class ProcessingOptimizer {
  readonly #options: ProcessingOptimizerOptions;
  readonly #facts = new Map<string, ProcessingFacts>();

  constructor(options: ProcessingOptimizerOptions) {
    this.#options = options;
  }

  /** Takes in what was learned before. What is from another machine is left out. */
  restore(facts: readonly ProcessingFacts[]): void {
    for (const each of facts) if (each.id === this.#idOf(each, each.provider)) this.#keep(each);
  }

  facts(): readonly ProcessingFacts[] {
    return [...this.#facts.values()];
  }

  /** What the task will take on this machine. The declaration itself where nothing was measured. */
  estimate<T extends DeclaredWork>(sort: WorkSort, declared: T): T {
    const facts = this.#latest(sort);
    const seconds = declared.seconds > 0 ? this.#secondsOf(facts, sort, declared.seconds) : declared.seconds;
    if (facts === null) return { ...declared, seconds };
    const cpuThreads = usesThreads(facts.provider) ? (facts.ways[0]?.threads ?? declared.cpuThreads) : declared.cpuThreads;
    return { ...declared, seconds, cpuThreads, memoryMb: this.#memoryOf(facts, declared.memoryMb) };
  }

  /** How a run is to work. Now and then another way than the best known is tried, so that a better one is found. */
  begin(sort: WorkSort, { declared, granted, alone }: BegunWork): WorkWay {
    const facts = this.#latest(sort);
    const usual = { threads: granted.cpuThreads, tile: facts?.ways[0]?.tile ?? 0 };
    if (facts === null || this.estimate(sort, declared).seconds > LONGEST_TRIAL_SECONDS) return usual;
    const trial = nextTrial(facts, {
      usual,
      threads: usesThreads(facts.provider) ? this.#options.threads : null,
      mayUseMore: alone,
      memoryShare: (highestShare(facts) * declared.memoryMb) / Math.max(1, granted.memoryMb),
    });
    return trial ?? usual;
  }

  /** @returns what is known now of that sort, to be stored */
  learn(measured: MeasuredWork): ProcessingFacts {
    const { sort, declared, way, provider, seconds, peakMemoryMb, at } = measured;
    const known = this.#facts.get(this.#idOf(sort, provider)) ?? this.#none(sort, provider, way);
    const isTrial = !isSame(known.ways[0], way);
    const point = declared.seconds > 0 && seconds > 0 ? ([declared.seconds, seconds] as const) : null;
    const ways =
      point === null ? known.ways : withWay(known.ways, way, (facts) => withPoint(facts, point, isTrial ? known.ways[0] : undefined));
    const memory: ProcessingFacts['memory'] =
      declared.memoryMb > 0 && peakMemoryMb > 0 ? last([...known.memory, [declared.memoryMb, peakMemoryMb]]) : known.memory;
    const facts = {
      ...known,
      at,
      runs: known.runs + 1,
      sinceTrial: isTrial ? 0 : known.sinceTrial + 1,
      shortMb: 0,
      memory,
      ways: chosenWay(ways),
    };
    this.#keep(facts);
    return facts;
  }

  /** The process was lost in a run. @returns what is known now, to be stored; null when nothing has changed */
  lost({ sort, declared, granted, way, forMemory, at }: LostWork): ProcessingFacts | null {
    const known = this.#latest(sort) ?? this.#none(sort, '', way);
    const isTrial = !isSame(known.ways[0], way);
    if (!isTrial && !forMemory) return null;
    const ways = isTrial ? withWay(known.ways, way, (each) => ({ ...each, lost: true })) : known.ways;
    // Half as much again as it had, for the next try of the same work. A trial is to blame for itself.
    const shortMb = isTrial ? known.shortMb : Math.max(0, granted.memoryMb * AFTER_MEMORY_LOSS - declared.memoryMb);
    const facts = { ...known, at, sinceTrial: 0, shortMb, ways };
    this.#keep(facts);
    return facts;
  }

  #secondsOf(facts: ProcessingFacts | null, sort: WorkSort, declared: number): number {
    const points = facts?.ways[0]?.points ?? [];
    const trust = Math.min(1, points.length / SURE_RUNS);
    const own = points.length === 0 ? 0 : Math.log(secondsBy(points, declared) / declared);
    const others = trust === 1 ? 0 : this.#factorOfOthers(sort);
    const factor = trust * own + (1 - trust) * others;
    return declared * Math.exp(trust === 1 ? factor : within(factor, UNSURE_FACTOR));
  }

  #memoryOf(facts: ProcessingFacts, declared: number): number {
    return Math.min(memoryOf(facts, declared), Math.max(declared, this.#options.memoryMb));
  }

  /** Of the same kind at other levels and versions, else of all that this machine did. As a logarithm. */
  #factorOfOthers(sort: WorkSort): number {
    const all = [...this.#facts.values()];
    const alike = all.filter(({ kind }) => kind === sort.kind);
    const factors = (alike.length > 0 ? alike : all).flatMap(({ ways }) => (ways[0] === undefined ? [] : factorOf(ways[0])));
    return factors.length === 0 ? 0 : medianOf(factors);
  }

  #latest(sort: WorkSort): ProcessingFacts | null {
    let latest: ProcessingFacts | null = null;
    for (const facts of this.#facts.values()) {
      const isIt = facts.kind === sort.kind && facts.version === sort.version && facts.level === sort.level;
      if (isIt && (latest === null || facts.at >= latest.at)) latest = facts;
    }
    return latest;
  }

  #none({ kind, version, level }: WorkSort, provider: string, way: WorkWay): ProcessingFacts {
    const id = this.#idOf({ kind, version, level }, provider);
    return { id, kind, version, level, provider, at: 0, runs: 0, memory: [], shortMb: 0, ways: [unused(way)], sinceTrial: 0 };
  }

  #idOf({ kind, version, level }: WorkSort, provider: string): string {
    return [this.#options.machine, kind, version, level, provider].join(' ');
  }

  #keep(facts: ProcessingFacts): void {
    this.#facts.delete(facts.id);
    this.#facts.set(facts.id, facts);
    const oldest = this.#facts.keys().next();
    if (this.#facts.size > mostSorts && oldest.done !== true) this.#facts.delete(oldest.value);
  }
}

/** Threads of the processor make no difference to work on a graphics card. */
function usesThreads(provider: string): boolean {
  return provider === '' || provider === 'cpu';
}

/**
 * The usual excess over what was declared is added, with a little room. Not the highest one: a warm process still holds what larger work left
 * in it. What stays far below all the time is lowered.
 */
function memoryOf(facts: ProcessingFacts, declared: number): number {
  const { memory, shortMb } = facts;
  if (shortMb > 0) return Math.ceil(declared + shortMb);
  if (memory.length === 0) return declared;
  const excess = medianOf(memory.map(([said, peak]) => peak - said));
  if (excess > 0) return Math.ceil((declared + excess) * EXCESS_ROOM);
  const share = highestShare(facts) * MEMORY_MARGIN;
  // What small work left unused says nothing about work that is larger than any before.
  const isKnown = memory.length >= LOWER_RUNS && declared <= Math.max(...memory.map(([said]) => said));
  return !isKnown || share >= 1 ? declared : Math.ceil(declared * Math.max(LOWEST_SHARE, share));
}

/** Of what was declared, the highest part that was ever used; 0: never measured. */
function highestShare({ memory }: ProcessingFacts): number {
  return Math.max(0, ...memory.map(([said, peak]) => peak / said));
}

/** What so many declared seconds take by the runs so far, of which there is at least one. */
function secondsBy(points: WayFacts['points'], declared: number): number {
  const line = points.length >= LINE_RUNS && spreadOf(points) >= LINE_SPREAD ? lineThrough(points) : null;
  // A line that falls, or begins below nothing, says only that the sizes were too much alike.
  if (line !== null && line.slope > 0 && line.intercept >= 0) return line.intercept + line.slope * declared;
  return declared * Math.exp(within(medianOf(points.map(([expected, real]) => Math.log(real / expected))), SURE_FACTOR));
}

/** @param logarithm of a factor; @param most how many times as much, or as little */
function within(logarithm: number, most: number): number {
  return Math.min(Math.log(most), Math.max(-Math.log(most), logarithm));
}

function factorOf({ points }: WayFacts): number[] {
  return points.length === 0 ? [] : [medianOf(points.map(([expected, real]) => Math.log(real / expected)))];
}

function spreadOf(points: WayFacts['points']): number {
  const sizes = points.map(([expected]) => expected);
  return Math.max(...sizes) / Math.min(...sizes);
}

function withWay(ways: readonly WayFacts[], way: WorkWay, change: (facts: WayFacts) => WayFacts): WayFacts[] {
  const known = ways.some((each) => isSame(each, way)) ? ways : [...ways, unused(way)];
  return known.map((each) => (isSame(each, way) ? change(each) : each));
}

/** @param inUse the way that a trial is compared with */
function withPoint(facts: WayFacts, point: readonly [declared: number, real: number], inUse: WayFacts | undefined): WayFacts {
  const gain = inUse === undefined || inUse.points.length === 0 ? [] : [secondsBy(inUse.points, point[0]) / point[1]];
  return { ...facts, points: last([...facts.points, [...point]]), gains: last([...facts.gains, ...gain]) };
}

function unused({ threads, tile }: WorkWay): WayFacts {
  return { threads, tile, points: [], gains: [], lost: false };
}

function isSame(a: WorkWay | undefined, b: WorkWay): boolean {
  return a !== undefined && a.threads === b.threads && a.tile === b.tile;
}

function last<T>(values: T[]): T[] {
  return values.slice(-keptRuns);
}
