import { type Command, signedInUser } from '../command.ts';

export function createMeCommand(): Command {
  return {
    info: { name: 'me', summary: 'Show who is signed in.', usage: '/me', example: '/me', args: [], anonymous: false },
    async run(_args, context) {
      const user = signedInUser(context);
      return { type: 'notice', code: 'ME', params: { name: user.name, email: user.email, role: user.role }, data: { user } };
    },
  };
}
