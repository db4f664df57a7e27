import { afterAll, expect, inject, it } from 'vitest';
import { World, type WorldOptions } from './world.ts';

/** Beyond this a case counts as hanging. */
const LIMIT_MS = 60_000;

let world: World | null = null;
let env: NonNullable<WorldOptions['env']> = {};

/** What the server of this file's cases is started with, besides the usual. At the top of a file. */
export function faultsRunWith(more: NonNullable<WorldOptions['env']>): void {
  env = more;
}

afterAll(() => world?.close());

/**
 * One fault and what must come of it. All cases of a file share a server, its data and Ada; each begins with a server that
 * runs, whole wires and no open tab, and fails when any of its tabs saw a gap, a wrong hash or a frame that fits no schema.
 * @param number of PROMISES.md section 4, empty for a case of our own
 */
export function fault(number: string, title: string, run: (world: World) => Promise<void>, limitMs = LIMIT_MS): void {
  it(
    number === '' ? title : `${number}: ${title}`,
    async () => {
      world ??= await World.open({ program: inject('faultsProgram'), env });
      if (!world.runs) await world.start();
      await run(world);
      expect(world.faults()).toEqual([]);
      world.closeTabs();
      for (const wire of [world.wire, world.upstream]) {
        wire.mend();
        await wire.resume();
      }
    },
    limitMs,
  );
}
