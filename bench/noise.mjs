// How quiet the machine is.
import { measureNoise } from './harness/noise.mjs';
import { openReport } from './harness/report.mjs';

const report = openReport('noise');
await measureNoise(report);
report.close();
