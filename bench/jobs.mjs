// What people wait for image work, in virtual time against a plain queue and on the real server, and what a job costs beside its network.
import { cpus } from 'node:os';
import { openReport, quick } from './harness/report.mjs';
import { startServer } from './harness/server.mjs';
import { measureScheduler, simulateWaiting } from './jobs/simulated.mjs';
import { measureThroughput } from './jobs/throughput.mjs';
import { measureWaiting } from './jobs/waiting.mjs';

const METRICS_TOKEN = 'bench-token-of-this-run';
const threads = Math.min(2, cpus().length);
const report = openReport('jobs');
simulateWaiting(report);
measureScheduler(report);
const server = await startServer({
  env: {
    METRICS_TOKEN,
    BCRYPT_COST: '10',
    INFERENCE_THREADS: String(threads),
    // One at a time, so that the order is plain to see.
    JOB_CONCURRENCY: '1',
    LIMIT_JOBS: '0',
    LIMIT_JOBS_PER_USER: '0',
    LIMIT_SIGNUPS_PER_HOUR_PER_IP: '0',
  },
  // A job may use every core.
  prefix: [],
});
try {
  await measureThroughput(report, server, { threads, rounds: quick ? 2 : 5 });
  await measureWaiting(report, server, { metricsToken: METRICS_TOKEN, each: quick ? 2 : 4 });
} finally {
  await server.stop();
}
report.close();
