import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';

export function createUsageCommand({ usage }: Pick<CommandPorts, 'usage'>): Command {
  return {
    info: {
      name: 'usage',
      summary: 'Show what you have used today and this month, and what you may use.',
      usage: '/usage',
      example: '/usage',
      args: [],
      anonymous: false,
    },
    async run(_args, context) {
      const report = await usage.of(signedInUser(context).id);
      const { today, thisMonth } = report;
      const params = {
        today: dollars(today.costMicroUsd),
        todayTokens: today.inputTokens + today.outputTokens,
        month: dollars(thisMonth.costMicroUsd),
        monthTokens: thisMonth.inputTokens + thisMonth.outputTokens,
      };
      return { type: 'notice', code: 'USAGE', params, data: report };
    },
  };
}

/** Two digits, or as many as a small amount needs to be seen. */
function dollars(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(microUsd > 0 && microUsd < 10_000 ? 4 : 2)}`;
}
