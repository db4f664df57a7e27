import { passwordBodySchema } from '../../protocol/index.ts';
import { type Command, signedInSession } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';

export function createPasswordCommand({ accounts }: Pick<CommandPorts, 'accounts'>): Command {
  return {
    info: {
      name: 'password',
      summary: 'Change your password. Other devices are signed out.',
      usage: '/password <current> <new>',
      example: '/password ******** ********',
      args: [
        { name: 'current', required: true, secret: true },
        { name: 'new', required: true, secret: true },
      ],
      anonymous: false,
    },
    aliases: ['passwd'],
    async run(args, context) {
      const { user, sid } = signedInSession(context);
      const { current, next } = readBody(passwordBodySchema, { current: args[0], next: args[1] });
      await accounts.changePassword(user.id, sid, current, next);
      return { type: 'notice', code: 'PASSWORD_CHANGED' };
    },
  };
}
