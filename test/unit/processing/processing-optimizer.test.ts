import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProcessingOptimizer, processingFactsSchema, type WorkWay } from '../../../src/core/index.ts';

const sort = { kind: 'upscale', version: '1.0.0', level: 'normal' as const };
const options = { threads: 8, memoryMb: 1_000_000, machine: 'here' };

interface Machine {
  /** Seconds that each task takes whatever its size. */
  readonly fixed?: number;
  /** Of declared seconds. */
  readonly factor: (way: WorkWay) => number;
  readonly provider?: string;
  /** MiB for MiB declared. */
  readonly memory?: (declared: number) => number;
  /** Loses the process. */
  readonly breaks?: (way: WorkWay) => boolean;
}

/** Runs tasks of these declared seconds one after another. @returns the ways that were used, and how wrong each estimate was */
function work(optimizer: ProcessingOptimizer, machine: Machine, sizes: readonly number[], odd: (run: number) => number = () => 1) {
  const ways: WorkWay[] = [];
  const errors: number[] = [];
  for (const [run, seconds] of sizes.entries()) {
    const declared = { seconds, memoryMb: 400, cpuThreads: 2 };
    const granted = optimizer.estimate(sort, declared);
    const way = optimizer.begin(sort, { declared, granted, alone: true });
    ways.push(way);
    if (machine.breaks?.(way) === true) {
      optimizer.lost({ sort, declared, granted, way, forMemory: false, at: run });
      continue;
    }
    const real = ((machine.fixed ?? 0) + seconds * machine.factor(way)) * odd(run);
    errors.push(granted.seconds / real);
    const peakMemoryMb = machine.memory?.(declared.memoryMb) ?? 150;
    optimizer.learn({ sort, declared, way, provider: machine.provider ?? 'cpu', seconds: real, peakMemoryMb, at: run });
  }
  return { ways, errors };
}

const times = (count: number, size: (run: number) => number = () => 4) => Array.from({ length: count }, (_, run) => size(run));

describe('ProcessingOptimizer', () => {
  it('believes the declaration until something was measured', () => {
    const optimizer = new ProcessingOptimizer(options);
    const declared = { seconds: 7, memoryMb: 300, cpuThreads: 2, gpuMemoryMb: 0 };
    expect(optimizer.estimate(sort, declared)).toEqual(declared);
    expect(optimizer.begin(sort, { declared, granted: declared, alone: true })).toEqual({ threads: 2, tile: 0 });
  });

  it('finds how much slower or faster a machine is, whatever one run in five says', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20, noNaN: true }), fc.double({ min: 0.02, max: 50, noNaN: true }), (factor, nonsense) => {
        const optimizer = new ProcessingOptimizer(options);
        work(optimizer, { factor: () => factor }, times(15), (run) => (run % 5 === 4 ? nonsense : 1));
        const { seconds } = optimizer.estimate(sort, { seconds: 4, memoryMb: 400, cpuThreads: 2 });
        expect(seconds / (4 * factor)).toBeGreaterThan(0.95);
        expect(seconds / (4 * factor)).toBeLessThan(1.05);
      }),
    );
  });

  it('tells the time that each task takes anyway from the time that grows with its size', () => {
    const optimizer = new ProcessingOptimizer(options);
    const machine = { fixed: 3, factor: () => 2 };
    work(
      optimizer,
      machine,
      times(15, (run) => 1 + run),
      (run) => (run === 7 ? 30 : 1),
    );
    for (const seconds of [1, 10, 40]) {
      const { seconds: estimated } = optimizer.estimate(sort, { seconds, memoryMb: 400, cpuThreads: 2 });
      expect(estimated / (3 + 2 * seconds)).toBeGreaterThan(0.9);
      expect(estimated / (3 + 2 * seconds)).toBeLessThan(1.1);
    }
  });

  it('follows a machine that becomes slower', () => {
    const optimizer = new ProcessingOptimizer(options);
    work(optimizer, { factor: () => 1 }, times(30));
    work(optimizer, { factor: () => 4 }, times(12));
    expect(optimizer.estimate(sort, { seconds: 4, memoryMb: 400, cpuThreads: 2 }).seconds).toBeCloseTo(16, 0);
  });

  it('leans on other work of this machine for work that it has not seen', () => {
    const optimizer = new ProcessingOptimizer(options);
    work(optimizer, { factor: () => 3 }, times(5));
    const declared = { seconds: 10, memoryMb: 400, cpuThreads: 2 };
    expect(optimizer.estimate({ ...sort, level: 'deep' }, declared).seconds).toBeCloseTo(30);
    expect(optimizer.estimate({ ...sort, kind: 'ocr' }, declared).seconds).toBeCloseTo(30);
    expect(optimizer.estimate({ ...sort, kind: 'ocr' }, declared).memoryMb).toBe(400);
  });

  it('asks for the memory that was really reached, and lowers a need only when it is sure', () => {
    const more = new ProcessingOptimizer(options);
    work(more, { factor: () => 1, memory: (declared) => declared + 130 }, times(4));
    expect(more.estimate(sort, { seconds: 1, memoryMb: 1000, cpuThreads: 2 }).memoryMb).toBe(1243);
    const less = new ProcessingOptimizer(options);
    work(less, { factor: () => 1, memory: (declared) => declared * 0.4 }, times(4));
    expect(less.estimate(sort, { seconds: 1, memoryMb: 1000, cpuThreads: 2 }).memoryMb).toBe(1000);
    work(less, { factor: () => 1, memory: (declared) => declared * 0.4 }, times(8));
    expect(less.estimate(sort, { seconds: 1, memoryMb: 400, cpuThreads: 2 }).memoryMb).toBe(272);
    // Larger than any before.
    expect(less.estimate(sort, { seconds: 1, memoryMb: 1000, cpuThreads: 2 }).memoryMb).toBe(1000);
    work(less, { factor: () => 1, memory: (declared) => declared * 0.1 }, times(20));
    expect(less.estimate(sort, { seconds: 1, memoryMb: 400, cpuThreads: 2 }).memoryMb).toBe(200);
  });

  it('asks for half as much again after a run that had too little, until one has had enough', () => {
    const optimizer = new ProcessingOptimizer(options);
    const declared = { seconds: 1, memoryMb: 400, cpuThreads: 2 };
    const way = { threads: 2, tile: 0 };
    expect(optimizer.lost({ sort, declared, granted: declared, way, forMemory: false, at: 1 })).toBeNull();
    optimizer.lost({ sort, declared, granted: declared, way, forMemory: true, at: 1 });
    const second = optimizer.estimate(sort, declared);
    expect(second.memoryMb).toBe(600);
    optimizer.lost({ sort, declared, granted: second, way, forMemory: true, at: 2 });
    expect(optimizer.estimate(sort, declared).memoryMb).toBe(900);
    optimizer.learn({ sort, declared, way, provider: 'cpu', seconds: 1, peakMemoryMb: 700, at: 3 });
    expect(optimizer.estimate(sort, declared).memoryMb).toBe(771);
  });

  it('never asks for more memory than there is: one loss does not end work of that sort for ever', () => {
    const optimizer = new ProcessingOptimizer({ ...options, memoryMb: 700 });
    const declared = { seconds: 1, memoryMb: 600, cpuThreads: 2 };
    optimizer.lost({ sort, declared, granted: declared, way: { threads: 2, tile: 0 }, forMemory: true, at: 1 });
    expect(optimizer.estimate(sort, declared).memoryMb).toBe(700);
    work(optimizer, { factor: () => 1, memory: (said) => said + 290 }, times(4));
    expect(optimizer.estimate(sort, declared).memoryMb).toBe(700);
    expect(optimizer.estimate(sort, { ...declared, memoryMb: 900 }).memoryMb).toBe(900);
  });

  it('is not led astray by the first runs of a busy machine', () => {
    const optimizer = new ProcessingOptimizer(options);
    work(optimizer, { factor: () => 40 }, times(2));
    const declared = { seconds: 10, memoryMb: 400, cpuThreads: 2 };
    expect(optimizer.estimate(sort, declared).seconds).toBeCloseTo(40);
    expect(optimizer.estimate({ ...sort, kind: 'ocr' }, declared).seconds).toBeCloseTo(40);
    work(optimizer, { factor: () => 1 }, times(12));
    expect(optimizer.estimate(sort, declared).seconds).toBeCloseTo(10);
  });

  it('does not believe one odd peak', () => {
    const optimizer = new ProcessingOptimizer(options);
    let run = 0;
    work(optimizer, { factor: () => 1, memory: () => ((run += 1) === 5 ? 5000 : 390) }, times(8));
    expect(optimizer.estimate(sort, { seconds: 1, memoryMb: 400, cpuThreads: 2 }).memoryMb).toBe(400);
  });
});

describe('ways of working', () => {
  /** Threads that help up to a number, and a tile that does best. */
  const machine = (useful: number, tile: number): Machine => ({
    factor: (way) => (2 / Math.min(way.threads, useful)) * (way.tile === tile ? 0.7 : 1),
  });

  it('finds the threads and the tile that do best, and then stays', () => {
    for (const [useful, tile] of [
      [1, 128],
      [2, 192],
      [4, 96],
      [8, 0],
    ] as const) {
      const optimizer = new ProcessingOptimizer(options);
      const { ways } = work(optimizer, machine(useful, tile), times(400));
      const late = ways.slice(-100);
      expect(late.every((way) => way.threads === useful && way.tile === tile)).toBe(true);
      expect(optimizer.estimate(sort, { seconds: 4, memoryMb: 400, cpuThreads: 2 }).cpuThreads).toBe(useful);
    }
  });

  it('tries rarely, and not without end', () => {
    const { ways } = work(new ProcessingOptimizer(options), machine(2, 0), times(400));
    const trials = ways.flatMap((way, run) => (way.threads === 2 && way.tile === 0 ? [] : [run]));
    expect(trials.length).toBeGreaterThan(3);
    expect(trials.length).toBeLessThanOrEqual(25);
    for (const [index, run] of trials.entries()) expect(run - (trials[index - 1] ?? -1)).toBeGreaterThanOrEqual(8);
  });

  it('finds them in noise too', () => {
    let state = 1;
    const noise = () => {
      state = (state * 48_271) % 2_147_483_647;
      return Math.exp((state / 2_147_483_647 - 0.5) * 0.3);
    };
    const optimizer = new ProcessingOptimizer(options);
    const { ways } = work(
      optimizer,
      machine(4, 192),
      times(600, (run) => 1 + (run % 7)),
      noise,
    );
    const late = ways.slice(-100).filter((way) => way.threads === 4 && way.tile === 192);
    expect(late.length).toBeGreaterThan(80);
  });

  it('tries nothing with a long task, no other tile where memory is short, and no more threads while others work', () => {
    const long = work(
      new ProcessingOptimizer(options),
      machine(8, 128),
      times(60, () => 100),
    );
    expect(new Set(long.ways.map(({ threads, tile }) => `${threads} ${tile}`))).toEqual(new Set(['2 0']));
    const short = work(new ProcessingOptimizer(options), { ...machine(2, 128), memory: (declared) => declared * 0.9 }, times(100));
    expect(new Set(short.ways.map(({ tile }) => tile))).toEqual(new Set([0]));
    const optimizer = new ProcessingOptimizer(options);
    for (let run = 0; run < 60; run += 1) {
      const declared = { seconds: 4, memoryMb: 400, cpuThreads: 2 };
      const way = optimizer.begin(sort, { declared, granted: declared, alone: false });
      expect(way.threads).toBeLessThanOrEqual(2);
      optimizer.learn({ sort, declared, way, provider: 'cpu', seconds: 4 / way.threads, peakMemoryMb: 0, at: run });
    }
  });

  it('never tries a way again with which the process was lost', () => {
    const optimizer = new ProcessingOptimizer(options);
    const { ways } = work(optimizer, { ...machine(2, 0), breaks: (way) => way.tile === 192 }, times(300));
    expect(ways.filter((way) => way.tile === 192)).toHaveLength(1);
    expect(ways.at(-1)).toEqual({ threads: 2, tile: 0 });
  });

  it('leaves the threads alone where a graphics card works', () => {
    const { ways } = work(new ProcessingOptimizer(options), { ...machine(8, 0), provider: 'cuda' }, times(100));
    expect(new Set(ways.map(({ threads }) => threads))).toEqual(new Set([2]));
  });
});

describe('what was learned', () => {
  it('survives a restart, and is worth nothing on another machine', () => {
    const optimizer = new ProcessingOptimizer(options);
    work(optimizer, { factor: () => 3 }, times(20));
    const stored = optimizer.facts().map((facts) => processingFactsSchema.parse(JSON.parse(JSON.stringify(facts))));
    const declared = { seconds: 10, memoryMb: 400, cpuThreads: 2 };
    const again = new ProcessingOptimizer(options);
    again.restore(stored);
    expect(again.estimate(sort, declared)).toEqual(optimizer.estimate(sort, declared));
    const elsewhere = new ProcessingOptimizer({ ...options, machine: 'there' });
    elsewhere.restore(stored);
    expect(elsewhere.estimate(sort, declared)).toEqual(declared);
  });

  it('is bounded', () => {
    const optimizer = new ProcessingOptimizer(options);
    for (let run = 0; run < 300; run += 1)
      optimizer.learn({
        sort: { ...sort, kind: `kind${run}` },
        declared: { seconds: 1, memoryMb: 1 },
        way: { threads: 1, tile: 0 },
        provider: 'cpu',
        seconds: 1,
        peakMemoryMb: 1,
        at: run,
      });
    expect(optimizer.facts()).toHaveLength(200);
    expect(optimizer.facts()[0]?.kind).toBe('kind100');
  });
});
