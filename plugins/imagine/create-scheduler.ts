import { createDdimScheduler } from './ddim-scheduler.ts';
import { createDpmScheduler } from './dpm-scheduler.ts';
import { createEulerScheduler } from './euler-scheduler.ts';
import { createLcmScheduler } from './lcm-scheduler.ts';
import type { Scheduler, SchedulerName, SchedulerOptions } from './scheduler.ts';

/** The scheduler of that name for one picture. */
export function createScheduler(name: SchedulerName, options: SchedulerOptions): Scheduler {
  switch (name) {
    case 'euler':
      return createEulerScheduler(options, false);
    case 'euler-ancestral':
      return createEulerScheduler(options, true);
    case 'ddim':
      return createDdimScheduler(options);
    case 'dpm++2m':
      return createDpmScheduler(options);
    case 'lcm':
      return createLcmScheduler(options);
  }
}
