import { loginBodySchema } from '../../protocol/index.ts';
import type { Command } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';

export function createLoginCommand({ accounts }: Pick<CommandPorts, 'accounts'>): Command {
  return {
    info: {
      name: 'login',
      summary: 'Sign in.',
      usage: '/login <email> <password>',
      example: '/login sara@example.org ********',
      args: [
        { name: 'email', required: true },
        { name: 'password', required: true, secret: true },
      ],
      anonymous: true,
    },
    aliases: ['signin'],
    async run([email, password], { client }) {
      const { user, sid, token } = await accounts.login(readBody(loginBodySchema, { email, password }), client);
      return { type: 'auth', user, sid, token, code: accounts.grantCode(user.id, sid) };
    },
  };
}
