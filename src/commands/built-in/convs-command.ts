import { type Command, signedInUser } from '../command.ts';
import { numberedRows } from '../numbered-rows.ts';
import type { CommandPorts } from '../ports.ts';
import type { ShownLists } from '../shown-lists.ts';

const ROWS = 20;

export function createConvsCommand({ conversations }: Pick<CommandPorts, 'conversations'>, shown: ShownLists): Command {
  return {
    info: {
      name: 'convs',
      summary: 'List your latest conversations. /select <number> opens one.',
      usage: '/convs',
      example: '/convs',
      args: [],
      anonymous: false,
    },
    aliases: ['conversations'],
    async run(_args, context) {
      const { items } = await conversations.list(signedInUser(context).id, { limit: ROWS });
      if (items.length === 0) return { type: 'notice', code: 'CONVERSATIONS_EMPTY' };
      shown.remember(
        context,
        items.map((conversation) => conversation.id),
      );
      return { type: 'notice', code: 'CONVERSATIONS', data: { items: numberedRows(items) } };
    },
  };
}
