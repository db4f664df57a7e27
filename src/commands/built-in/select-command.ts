import { AppError } from '../../lib/app-error.ts';
import { idSchema } from '../../protocol/index.ts';
import { type Command, type CommandContext, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readNumber } from '../read-number.ts';
import type { ShownLists } from '../shown-lists.ts';

const PAGE = 100;
/** Beyond this a number is no way to find a conversation: there is /search. Also bounds the pages that are read. */
const MAX_NUMBER = 1000;

export function createSelectCommand({ conversations }: Pick<CommandPorts, 'conversations'>, shown: ShownLists): Command {
  async function nthOfAll(userId: string, number: number, signal: AbortSignal): Promise<string | undefined> {
    let seen = 0;
    let cursor: string | null = null;
    do {
      signal.throwIfAborted();
      const page = await conversations.list(userId, { limit: PAGE, ...(cursor === null ? {} : { cursor }) });
      const found = page.items[number - seen - 1];
      if (found !== undefined) return found.id;
      seen += page.items.length;
      cursor = page.nextCursor;
    } while (cursor !== null && seen < MAX_NUMBER);
    return undefined;
  }

  async function findId(userId: string, wanted: string, context: CommandContext): Promise<string> {
    const number = readNumber(wanted);
    if (number === null) {
      if (idSchema.safeParse(wanted).success) return wanted;
      throw new AppError('NOT_FOUND');
    }
    if (!Number.isInteger(number) || number < 1 || number > MAX_NUMBER) throw new AppError('NOT_FOUND');
    const id = shown.find(context, number) ?? (await nthOfAll(userId, number, context.signal));
    if (id === undefined) throw new AppError('NOT_FOUND');
    return id;
  }

  return {
    info: {
      name: 'select',
      summary: 'Open a conversation by its number in the last list, or by its id.',
      usage: '/select <id or number>',
      example: '/select 2',
      args: [{ name: 'id or number', required: true }],
      anonymous: false,
    },
    async run([wanted = ''], context) {
      const { id: userId } = signedInUser(context);
      const { id, title } = await conversations.get(userId, await findId(userId, wanted, context));
      return { type: 'notice', code: 'CONVERSATION_SELECTED', params: { title }, data: { conversationId: id }, conversationId: id };
    },
  };
}
