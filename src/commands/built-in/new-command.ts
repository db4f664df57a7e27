import type { Command } from '../command.ts';

export function createNewCommand(): Command {
  return {
    info: { name: 'new', summary: 'Start a new conversation.', usage: '/new', example: '/new', args: [], anonymous: false },
    run: () => Promise.resolve({ type: 'notice', code: 'CONVERSATION_NEW', data: {}, conversationId: null }),
  };
}
