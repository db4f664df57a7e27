import { AppError } from '../../lib/app-error.ts';
import { conversationListQuerySchema } from '../../protocol/index.ts';
import { type Command, signedInUser } from '../command.ts';
import { numberedRows } from '../numbered-rows.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';
import type { ShownLists } from '../shown-lists.ts';

const ROWS = 20;
const querySchema = conversationListQuerySchema.pick({ q: true }).required();

export function createSearchCommand({ conversations }: Pick<CommandPorts, 'conversations'>, shown: ShownLists): Command {
  return {
    info: {
      name: 'search',
      summary: 'Find conversations by their words. /select <number> opens one.',
      usage: '/search <words>',
      example: '/search saffron rice',
      args: [{ name: 'words', required: true }],
      anonymous: false,
    },
    rest: true,
    async run(args, context) {
      const user = signedInUser(context);
      const { q: query } = readBody(querySchema, { q: args.join(' ').trim() });
      if (query === '') throw new AppError('BAD_REQUEST', { message: 'Say what to search for.', params: { field: 'words' } });
      const { items, nextCursor } = await conversations.list(user.id, { q: query, limit: ROWS });
      if (items.length === 0) return { type: 'notice', code: 'SEARCH_EMPTY', params: { query } };
      shown.remember(
        context,
        items.map((conversation) => conversation.id),
      );
      const count = nextCursor === null ? items.length : `${items.length}+`;
      return { type: 'notice', code: 'SEARCH_RESULTS', params: { query, count }, data: { items: numberedRows(items) } };
    },
  };
}
