import { type Command, openConversation, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createContinueCommand({ generations }: Pick<CommandPorts, 'generations'>): Command {
  return {
    info: {
      name: 'continue',
      summary: 'Go on with an answer that was stopped or interrupted.',
      usage: '/continue',
      example: '/continue',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const user = signedInUser(context);
      const request = { user, clientMessageId: context.clientMessageId, conversationId: openConversation(context) };
      const { generationId } = await generations.continueAnswer(request, context.asker ?? {});
      return { type: 'accepted', generationId };
    },
  };
}
