import { expect, inject, it } from 'vitest';
import { noise } from '../fixtures/images/make-images.ts';
import { Interleaving } from './interleaving.ts';

it('a short random history ends with everything accepted stored once and every reader reading the same', async () => {
  const picture = await noise(60, 60).png().toBuffer();
  const { faults, log } = await Interleaving.run({ seed: 20_261_122, program: inject('faultsProgram'), picture, steps: 14 });
  expect(faults.join('\n'), `after: ${log.join(', ')}`).toBe('');
}, 60_000);
