import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `#core` is the source, not what was built last. */
const ssr = { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } };
/**
 * Limits of time are there to find what hangs, not what is slow: tests wait for events, and on two cores with other work a process
 * may need ten times the usual to start. A second, the default of polling, is too short for that; 15 s name what did not come
 * before the test as a whole is given up.
 */
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } };
const shared = { environment: 'node' as const, ...patience };
/** Cases start the delivered server, which is built once per run. */
const faults = { globalSetup: ['test/faults/bundle-setup.ts'], fileParallelism: false };

/** Tests mostly wait for processes that they start: on two cores one worker would leave half of the time unused. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        ssr,
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/pins/**/*.test.ts', 'plugins/**/*.test.ts'],
          exclude: ['**/networks.test.ts', '**/measure.test.ts'],
        },
      },
      // What needs weights that have to be installed first, and what makes the tables of the plugins' READMEs.
      { ssr, test: { ...shared, name: 'networks', include: ['plugins/**/networks.test.ts'], fileParallelism: false } },
      { ssr, test: { ...shared, name: 'measure', include: ['plugins/**/measure.test.ts'], fileParallelism: false } },
      { ssr, test: { ...shared, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { ssr, test: { ...shared, name: 'integration', include: ['test/integration/**/*.test.ts', 'test/abuse/**/*.test.ts'] } },
      { ssr, test: { ...shared, name: 'mongo', include: ['test/mongo/**/*.test.ts'] } },
      { ssr, test: { ...shared, ...faults, name: 'faults-quick', include: ['test/faults/**/*.quick.test.ts'] } },
      {
        ssr,
        test: {
          ...shared,
          ...faults,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          exclude: ['**/*.quick.test.ts', '**/mongo/**'],
        },
      },
      { ssr, test: { ...shared, name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
    ],
  },
});
