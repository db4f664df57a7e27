import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../src/lib/worker-entry.ts';
import { things } from './test-migrations.ts';

/** A process that stands still in the middle of a migration, to be killed there. */
const [file = ''] = process.argv.slice(2);
const { url, options } = workerEntry('none', './migrating-worker.ts', import.meta.url);
new Worker(url, { ...options, workerData: { file, collections: [things], list: 'standsStill' } });
