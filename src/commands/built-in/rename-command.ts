import { conversationPatchBodySchema } from '../../protocol/index.ts';
import { type Command, openConversation, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';

const titleSchema = conversationPatchBodySchema.pick({ title: true }).required();

export function createRenameCommand({ conversations }: Pick<CommandPorts, 'conversations'>): Command {
  return {
    info: {
      name: 'rename',
      summary: 'Give this conversation another title.',
      usage: '/rename <title>',
      example: '/rename Plans for Nowruz',
      args: [{ name: 'title', required: true }],
      anonymous: false,
    },
    rest: true,
    async run(args, context) {
      const user = signedInUser(context);
      const patch = readBody(titleSchema, { title: args.join(' ') });
      const { id, title } = await conversations.patch(user.id, openConversation(context), patch);
      return { type: 'notice', code: 'CONVERSATION_RENAMED', params: { title }, data: { conversationId: id, title } };
    },
  };
}
