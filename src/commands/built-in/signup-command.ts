import { signupBodySchema } from '../../protocol/index.ts';
import type { Command } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';

export function createSignupCommand({ accounts }: Pick<CommandPorts, 'accounts'>): Command {
  return {
    info: {
      name: 'signup',
      summary: 'Make an account. Put quotes around a name that holds spaces.',
      usage: '/signup <name> <email> <password>',
      example: '/signup "Sara Ahmadi" sara@example.org ********',
      args: [
        { name: 'name', required: true },
        { name: 'email', required: true },
        { name: 'password', required: true, secret: true },
      ],
      anonymous: true,
    },
    aliases: ['register'],
    async run([name, email, password], { client }) {
      const { user, sid, token } = await accounts.signup(readBody(signupBodySchema, { name, email, password }), client);
      return { type: 'auth', user, sid, token, code: accounts.grantCode(user.id, sid) };
    },
  };
}
