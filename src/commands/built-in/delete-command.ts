import { type Command, openConversation, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createDeleteCommand({ conversations }: Pick<CommandPorts, 'conversations'>): Command {
  return {
    info: {
      name: 'delete',
      summary: 'Delete the conversation that is open.',
      usage: '/delete',
      example: '/delete',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const user = signedInUser(context);
      const { id, title } = await conversations.get(user.id, openConversation(context));
      await conversations.remove(user.id, id);
      return { type: 'notice', code: 'CONVERSATION_DELETED', params: { title }, data: { conversationId: id, title }, conversationId: null };
    },
  };
}
