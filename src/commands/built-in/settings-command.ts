import { AppError } from '../../lib/app-error.ts';
import { type Settings, settingsSchema } from '../../protocol/index.ts';
import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { readBody } from '../read-body.ts';
import { readNumber } from '../read-number.ts';

const usage = '/settings [system <text>|off] [temperature 0..2|off] [thinking on|off|default]';

export function createSettingsCommand({ settings }: Pick<CommandPorts, 'settings'>): Command {
  return {
    info: {
      name: 'settings',
      summary: 'Show the settings, or change one for this conversation (for all new ones where none is open).',
      usage,
      example: '/settings temperature 0.7',
      args: [
        { name: 'setting', required: false, choices: ['system', 'temperature', 'thinking'] },
        { name: 'value', required: false },
      ],
      anonymous: false,
    },
    rest: true,
    async run([setting, ...values], context) {
      const { id: userId } = signedInUser(context);
      const { conversationId } = context;
      const scope = conversationId === null ? 'user' : 'conversation';
      if (setting === undefined) {
        return { type: 'notice', code: 'SETTINGS', data: { settings: await settings.get(userId, conversationId), scope } };
      }
      const patch = readBody(settingsSchema, patchFrom(setting.toLowerCase(), values.join(' ').trim()));
      const saved = await settings.update(userId, conversationId, patch);
      return { type: 'notice', code: 'SETTINGS_SAVED', data: { settings: saved, scope } };
    },
  };
}

function patchFrom(setting: string, value: string): Settings {
  const word = value.toLowerCase();
  if (word === '') throw badValue(setting);
  const cleared = word === 'default' || (word === 'off' && setting !== 'thinking');
  if (setting === 'system') return { systemInstruction: cleared ? null : value };
  if (setting === 'temperature') return { temperature: cleared ? null : (readNumber(value) ?? Number.NaN) };
  if (cleared) return { thinking: null };
  if (word !== 'on' && word !== 'off') throw badValue(setting);
  return { thinking: word === 'on' };
}

function badValue(field: string): AppError {
  return new AppError('BAD_REQUEST', {
    message: `The value of ${field} is missing or not valid. Usage: ${usage}`,
    params: { field, usage },
  });
}
