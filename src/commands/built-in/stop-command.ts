import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createStopCommand({ generations }: Pick<CommandPorts, 'generations'>): Command {
  return {
    info: {
      name: 'stop',
      summary: 'Stop the answer that is being written here. Its text so far is kept.',
      usage: '/stop',
      example: '/stop',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const user = signedInUser(context);
      const stopped = context.conversationId !== null && (await generations.stopIn(user.id, context.conversationId));
      return { type: 'notice', code: stopped ? 'STOPPED' : 'NOTHING_RUNNING' };
    },
  };
}
