import { expect, inject, it } from 'vitest';
import { noise } from '../fixtures/images/make-images.ts';
import { Interleaving } from './interleaving.ts';
import { seedsThatFoundFaults } from './seeds.ts';

const given = process.env['FAULTS_SEED'];
const minutes = Number(process.env['FAULTS_MINUTES'] ?? 0);
/** Two at a time: while one waits for its server, the other one works. */
const AT_ONCE = 2;
const FRESH = 10;

/** What runs: the seed that was asked for, or those that found something and some that nobody has seen. */
function* seeds(): Generator<number> {
  if (given !== undefined) {
    yield Number(given);
    return;
  }
  if (minutes === 0) yield* seedsThatFoundFaults;
  const first = Date.now() % 1_000_000_000;
  const until = Date.now() + minutes * 60_000;
  for (let n = 0; minutes > 0 ? Date.now() < until : n < FRESH; n += 1) yield first + n;
}

it(
  'whatever happens in whatever order, what was accepted is stored once and every reader ends with what the model said',
  async () => {
    const picture = await noise(120, 120).png().toBuffer();
    const waiting = seeds();
    let ran = 0;
    const failures: string[] = [];
    async function work(): Promise<void> {
      for (const seed of waiting) {
        ran += 1;
        const { faults, log } = await Interleaving.run({ seed, program: inject('faultsProgram'), picture });
        if (faults.length === 0) continue;
        failures.push(`FAULTS_SEED=${seed} npm run test:faults\n  ${faults.join('\n  ')}\n  after: ${log.join(', ')}`);
        console.log(failures.at(-1));
      }
    }
    // A generator that is left early by one loop would end for the other one, too: none leaves.
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.log(`${ran} random histories, ${failures.length} with a fault`);
    expect(failures.join('\n\n')).toBe('');
    expect(ran).toBeGreaterThan(0);
  },
  (minutes + 4) * 60_000,
);
