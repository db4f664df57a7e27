import { AppError } from '../../lib/app-error.ts';
import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createDoctorCommand({ doctor }: Pick<CommandPorts, 'doctor'>): Command {
  return {
    info: {
      name: 'doctor',
      summary: 'Look for faults of this server and say how to mend them; for administrators.',
      usage: '/doctor',
      example: '/doctor',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const user = signedInUser(context);
      if (user.role !== 'admin') throw new AppError('FORBIDDEN');
      const items = await doctor.examine(user);
      const problems = items.filter(({ state }) => state === 'problem' || state === 'warning').length;
      const data = { items };
      if (problems === 0) return { type: 'notice', code: 'DOCTOR_WELL', params: { checks: items.length }, data };
      return { type: 'notice', code: 'DOCTOR', params: { problems, checks: items.length }, data };
    },
  };
}
