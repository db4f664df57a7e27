import { type Command, signedInSession } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createLogoutCommand({ accounts }: Pick<CommandPorts, 'accounts'>): Command {
  return {
    info: { name: 'logout', summary: 'Sign out here.', usage: '/logout', example: '/logout', args: [], anonymous: false },
    aliases: ['signout'],
    async run(_args, context) {
      await accounts.logout(signedInSession(context).sid);
      return { type: 'signed-out' };
    },
  };
}
