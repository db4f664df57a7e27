import type { HostProcess } from './host-process.ts';

/** One child process of a lane. */
export interface HostState {
  readonly pid: number | undefined;
  readonly status: 'starting' | 'idle' | 'busy';
  /** The plugin that it runs; a process never runs two. */
  readonly plugin?: string;
  /** Requests that it was given. */
  readonly jobs: number;
  /** It ends then, if nothing comes; in ms since the epoch. */
  readonly endsAt?: number;
}

export interface LaneState {
  readonly hosts: readonly HostState[];
  /** Hosts started since the server started. */
  readonly starts: number;
  /** Hosts that ended while they had work, by themselves or because they had to be ended. */
  readonly crashes: number;
}

export function hostState(host: HostProcess, plugin?: string, endsAt?: number): HostState {
  return {
    pid: host.pid,
    status: host.open === 0 ? 'idle' : host.ready ? 'busy' : 'starting',
    jobs: host.jobs,
    ...(plugin === undefined ? {} : { plugin }),
    ...(endsAt === undefined || host.open > 0 ? {} : { endsAt }),
  };
}
