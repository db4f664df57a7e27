import { levelSchema } from '../../protocol/index.ts';
import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createLevelCommand({ settings }: Pick<CommandPorts, 'settings'>): Command {
  return {
    info: {
      name: 'level',
      summary: 'Show or choose how much work goes into an answer.',
      usage: '/level [auto|quick|normal|deep]',
      example: '/level deep',
      args: [{ name: 'level', required: false, choices: [...levelSchema.options] }],
      anonymous: false,
    },
    async run([wanted], context) {
      const { id: userId } = signedInUser(context);
      if (wanted === undefined) {
        const current = await settings.get(userId, context.conversationId);
        return { type: 'notice', code: 'LEVEL_CURRENT', params: { level: current.level ?? 'auto' } };
      }
      const level = levelSchema.parse(wanted.toLowerCase());
      await settings.update(userId, context.conversationId, { level });
      return { type: 'notice', code: 'LEVEL_SET', params: { level } };
    },
  };
}
