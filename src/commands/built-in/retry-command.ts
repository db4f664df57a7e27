import { type Command, openConversation, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createRetryCommand({ generations }: Pick<CommandPorts, 'generations'>): Command {
  return {
    info: {
      name: 'retry',
      summary: 'Answer the last message again, as a new branch. The old answer stays.',
      usage: '/retry',
      example: '/retry',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const user = signedInUser(context);
      const request = { user, clientMessageId: context.clientMessageId, conversationId: openConversation(context) };
      const { generationId } = await generations.regenerate(request, context.asker ?? {});
      return { type: 'accepted', generationId };
    },
  };
}
