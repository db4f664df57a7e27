import { AppError } from '../../lib/app-error.ts';
import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { suggestNames } from '../suggest-names.ts';

export function createPluginsCommand({ plugins }: Pick<CommandPorts, 'plugins'>): Command {
  return {
    info: {
      name: 'plugins',
      summary: 'Show what the plugins of this server can do; administrators can switch them on and off.',
      usage: '/plugins [on|off] [name]',
      example: '/plugins',
      args: [
        { name: 'on or off', required: false, choices: ['on', 'off'] },
        { name: 'name', required: false },
      ],
      anonymous: false,
    },
    async run([change, name = ''], context) {
      const user = signedInUser(context);
      const items = await plugins.list(user);
      if (change === undefined) {
        const ready = items.filter(({ state }) => state === 'ready').length;
        return { type: 'notice', code: 'PLUGINS', params: { ready, count: items.length }, data: { plugins: items } };
      }
      if (user.role !== 'admin') throw new AppError('FORBIDDEN');
      const known = items.map((plugin) => plugin.name);
      if (!known.includes(name)) throw unknownPlugin(name, known);
      const enabled = change.toLowerCase() === 'on';
      const plugin = await plugins.change(user, name, { enabled });
      return { type: 'notice', code: enabled ? 'PLUGIN_ON' : 'PLUGIN_OFF', params: { name }, data: { plugins: [plugin] } };
    },
  };
}

function unknownPlugin(name: string, known: readonly string[]): AppError {
  const near = suggestNames(name.slice(0, 64).toLowerCase(), known);
  const hint = near.length === 0 ? '/plugins lists them.' : `Did you mean ${near.join(' or ')}?`;
  const params = { field: 'name', suggestions: near.join(', ') };
  return new AppError('BAD_REQUEST', { message: `There is no such plugin. ${hint}`, params });
}
