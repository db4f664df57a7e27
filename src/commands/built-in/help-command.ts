import type { Command } from '../command.ts';
import { normaliseCommandName } from '../command-parser.ts';
import { unknownCommand } from '../unknown-command.ts';

export function createHelpCommand(): Command {
  return {
    info: {
      name: 'help',
      summary: 'List the commands, or explain one.',
      usage: '/help [command]',
      example: '/help select',
      args: [{ name: 'command', required: false }],
      anonymous: true,
    },
    async run([asked], _context, available) {
      if (asked === undefined) return { type: 'notice', code: 'HELP', data: { commands: available } };
      const name = normaliseCommandName(asked);
      const command = available.find((info) => info.name === name);
      if (command === undefined) throw unknownCommand(name, available);
      const { usage, summary, example } = command;
      return { type: 'notice', code: 'HELP_COMMAND', params: { usage, summary, example }, data: { command } };
    },
  };
}
