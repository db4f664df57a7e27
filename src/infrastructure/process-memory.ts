import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1_048_576;

/** What a process must ask of the system to know its budget; a test puts its own in place. */
export interface MemorySystem {
  /** Bytes that a container (cgroup v1 or v2) allows, 0 or more than `total` when it allows everything. */
  readonly constrained: number;
  readonly total: number;
}

const thisSystem = (): MemorySystem => ({ constrained: process.constrainedMemory(), total: totalmem() });

/**
 * How much memory the server may use, in bytes; null: nobody set a limit, or it is switched off.
 * @param memoryMb `LIMIT_MEMORY_MB`: MiB, 0 switches the watch off, undefined leaves it to the container
 */
export function memoryBudget(memoryMb: number | undefined, system: MemorySystem = thisSystem()): number | null {
  if (memoryMb !== undefined) return memoryMb === 0 ? null : memoryMb * MEBIBYTE;
  const { constrained, total } = system;
  return constrained > 0 && constrained < total ? constrained : null;
}

/** Half of the budget, at least 128 MiB, in MiB: what V8 may use for objects; the rest is for buffers, threads and the child. */
export function heapLimitMb(budgetBytes: number): number {
  return Math.max(128, Math.round(budgetBytes / 2 / MEBIBYTE));
}

/** V8 adds the young generation, which is larger in newer versions; only what is far off counts. */
const HEAP_TOLERANCE = 2;
const heapFlag = '--max-old-space-size';

/**
 * Whether the heap of this process may grow far beyond its share. In a container it cannot: Node takes half of the
 * container's memory by itself (measured: 259 MiB at 512, with Node 20 and 24). A budget set by hand it does not know.
 */
export function heapExceeds(budgetBytes: number): boolean {
  return getHeapStatistics().heap_size_limit > heapLimitMb(budgetBytes) * HEAP_TOLERANCE * MEBIBYTE;
}

/**
 * Replaces this process by the same program with a heap that fits, under the same id: the size of a heap is fixed when V8
 * starts, flags that are set later change nothing (measured). Returns where Node cannot do that (before 22.15, Windows) or
 * where the flag was given.
 */
export function restartWithSmallerHeap(budgetBytes: number): void {
  if (process.execArgv.some((word) => word.startsWith(heapFlag))) return;
  if (!('execve' in process) || typeof process.execve !== 'function') return;
  const words = [process.execPath, ...process.execArgv, `${heapFlag}=${heapLimitMb(budgetBytes)}`, ...process.argv.slice(1)];
  try {
    Reflect.apply(process.execve, process, [process.execPath, words]);
  } catch {
    // Not on this system: then the operator is told.
  }
}

/** Resident bytes of another process; 0 when it is gone, or where the system has no /proc. */
export async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  // In kB whatever the size of a page is; statm counts pages.
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/** Resident bytes of this process and of its children. */
export async function usedMemory(children: readonly number[]): Promise<number> {
  const each = await Promise.all(children.map(residentBytesOf));
  return each.reduce((sum, bytes) => sum + bytes, process.memoryUsage.rss());
}

/** For a child: when the machine runs out of memory, the kernel takes this process and not the server. */
export function preferToBeKilled(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '600');
  } catch {
    // A container may forbid it; this process then has the server's score.
  }
}

/** Forgets the peak of this process, where the system can (Linux); elsewhere it stays that of its whole life. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not on this system.
  }
}

/** Most resident bytes of this process since `forgetPeak`. */
export function peakBytes(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not on this system.
  }
  return process.resourceUsage().maxRSS * 1024;
}
