import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

const ROWS = 20;

export function createJobsCommand({ jobs }: Pick<CommandPorts, 'jobs'>): Command {
  return {
    info: {
      name: 'jobs',
      summary: 'List your image jobs: what waits, what runs, and what came of the others.',
      usage: '/jobs',
      example: '/jobs',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const { items } = await jobs.list(signedInUser(context).id, { limit: ROWS });
      if (items.length === 0) return { type: 'notice', code: 'JOBS_EMPTY' };
      const open = items.filter(({ status }) => status === 'queued' || status === 'running').length;
      return { type: 'notice', code: 'JOBS', params: { open }, data: { items } };
    },
  };
}
