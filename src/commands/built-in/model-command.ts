import { AppError } from '../../lib/app-error.ts';
import type { ModelInfo } from '../../protocol/index.ts';
import { type Command, signedInUser } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { suggestNames } from '../suggest-names.ts';

export function createModelCommand({ models, settings }: Pick<CommandPorts, 'models' | 'settings'>): Command {
  return {
    info: {
      name: 'model',
      summary: 'Show the models, or choose one for this conversation. "default" takes the choice back.',
      usage: '/model [name]',
      example: '/model demo',
      args: [{ name: 'name', required: false }],
      anonymous: false,
    },
    rest: true,
    async run(args, context) {
      const { id: userId } = signedInUser(context);
      const { conversationId } = context;
      const wanted = args.join(' ').trim();
      const known = await models.list();
      if (wanted === '') {
        const model = await models.current(userId, conversationId);
        return { type: 'notice', code: 'MODEL_CURRENT', params: { model }, data: { models: known, model } };
      }
      const chosen = wanted.toLowerCase() === 'default' ? null : findModel(known, wanted).id;
      await settings.update(userId, conversationId, { model: chosen });
      const model = chosen ?? (await models.current(userId, conversationId));
      return { type: 'notice', code: 'MODEL_SET', params: { model }, data: { model } };
    },
  };
}

/** By id or label; else by a part of one that only one model has. */
function findModel(models: readonly ModelInfo[], wanted: string): ModelInfo {
  const word = wanted.toLowerCase();
  const namesOf = (model: ModelInfo): string[] => [model.id.toLowerCase(), model.label.toLowerCase()];
  const exact = models.find((model) => namesOf(model).includes(word));
  if (exact !== undefined) return exact;
  const partial = models.filter((model) => namesOf(model).some((name) => name.includes(word)));
  const [only] = partial;
  if (only !== undefined && partial.length === 1) return only;
  const ids = models.map((model) => model.id);
  const near = partial.length > 0 ? partial.slice(0, 3).map((model) => model.id) : suggestNames(word.slice(0, 64), ids);
  const hint = near.length === 0 ? '/model lists them.' : `Did you mean ${near.join(' or ')}?`;
  throw new AppError('BAD_REQUEST', {
    message: `There is no such model. ${hint}`,
    params: { field: 'model', suggestions: near.join(', ') },
  });
}
