import type { CustomNode, Field } from '../../protocol/index.ts';
import { fieldsRefusal } from './check-fields.ts';
import { checkText } from './check-output.ts';
import type { ActionPayload, PluginBehaviour, PluginCall, PluginDefinition } from './define-plugin.ts';
import type { AskReply, HookContext, SurfaceAnswer, SurfaceEvent } from './surface.ts';

/** A hook, the answer to a question, or an action, as the server asks for it. */
export type SurfaceCall =
  | { readonly kind: 'hook'; readonly context: Omit<HookContext, 'signal'> }
  | { readonly kind: 'answer'; readonly reply: Omit<AskReply, 'signal'> }
  | ({ readonly kind: 'action'; readonly name: string; readonly payload: ActionPayload } & Omit<PluginCall, 'signal'>);

/** `note` comes first and says that what follows is the one text of an action, which is shown and not stored. */
export type SurfaceOutput = SurfaceEvent | { readonly type: 'note' };

export interface LoadedPlugin {
  readonly definition: PluginDefinition;
  readonly behaviour: PluginBehaviour;
}

/** What a plugin shows for one call. Throws what the plugin threw, and an Error that says which part of the contract it did not keep. */
export async function* surfaceEvents(
  plugin: LoadedPlugin,
  call: SurfaceCall,
  signal: AbortSignal,
): AsyncGenerator<SurfaceOutput, void, void> {
  const answer = await answerOf(plugin, call, signal);
  if (signal.aborted || answer === undefined) return;
  if (typeof answer === 'string') {
    if (call.kind !== 'action') throw new Error('it gave a text where events were asked for');
    yield { type: 'note' };
    yield { type: 'text', text: checkText(answer) };
    return;
  }
  for await (const event of answer) {
    if (signal.aborted) return;
    yield checkedSurfaceEvent(plugin, event, placeOf(call));
  }
}

/** Settings as the plugin declares them, defaults filled in. */
export function settingsFor({ userSettings }: PluginDefinition, stored: PluginCall['settings']): PluginCall['settings'] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- settings are stored as JSON; a schema that makes something else of them is the plugin's own affair
  return (userSettings?.parse(stored) ?? {}) as PluginCall['settings'];
}

type Events = AsyncIterable<SurfaceEvent> | readonly SurfaceEvent[];

async function answerOf(
  { definition, behaviour }: LoadedPlugin,
  call: SurfaceCall,
  signal: AbortSignal,
): Promise<Events | string | undefined> {
  const given = await asked(definition, behaviour, call, signal);
  // What JavaScript gives is not what the types say.
  const answer: unknown = given;
  if (answer === undefined || answer === null || typeof answer === 'string') return answer ?? undefined;
  if (Array.isArray(given) || isAsyncIterable(given)) return given;
  throw new Error('it gave neither events nor a text');
}

function asked(
  definition: PluginDefinition,
  behaviour: PluginBehaviour,
  call: SurfaceCall,
  signal: AbortSignal,
): Promise<string> | SurfaceAnswer {
  if (call.kind === 'hook') {
    const { context } = call;
    const hook = anyHook(behaviour, context.hook);
    if (hook === undefined) throw new Error(`it declares the hook ${context.hook} and brings none`);
    return hook({ ...context, settings: settingsFor(definition, context.settings), signal });
  }
  if (call.kind === 'answer') {
    const { reply } = call;
    const answer = ownOf(behaviour.answers, reply.name);
    if (answer === undefined) throw new Error(`it asked ${reply.name} and brings no answer of that name`);
    return answer({ ...reply, settings: settingsFor(definition, reply.settings), signal });
  }
  const { kind: _kind, name, payload, settings, ...rest } = call;
  const action = ownOf(behaviour.actions, name);
  if (action === undefined) throw new Error(`it brings no action ${name}`);
  return action(payload, { ...rest, settings: settingsFor(definition, settings), signal });
}

/** Where an event is yielded: some belong to one place only. */
export type SurfacePlace = 'login' | 'message' | 'settingsEdit' | 'model' | 'other';

function placeOf(call: SurfaceCall): SurfacePlace {
  if (call.kind !== 'hook') return 'other';
  const { hook } = call.context;
  return hook === 'login' || hook === 'message' || hook === 'settingsEdit' ? hook : 'other';
}

/**
 * What an author gets wrong most: an event in a place where nobody could show it, a button without its action, a question whose
 * answer nobody takes. Shapes and sizes are judged where the event leaves the process.
 * @throws Error
 */
export function checkedSurfaceEvent<E extends SurfaceEvent>(plugin: LoadedPlugin, event: E, place: SurfacePlace): E {
  const type: unknown = typeof event === 'object' && event !== null ? event.type : undefined;
  if (typeof type !== 'string') throw new Error('it gave something that is no event');
  if (!isAtHome(type, place)) throw new Error(`an event ${type.slice(0, 20)} cannot be shown here (${place})`);
  const refusal = eventRefusal(plugin, event);
  if (refusal !== null) throw new Error(refusal);
  return event;
}

function isAtHome(type: string, place: SurfacePlace): boolean {
  if (place === 'login') return type === 'toast';
  if (type === 'context') return place === 'message';
  if (type === 'fields') return place === 'settingsEdit';
  if (place === 'settingsEdit') return type === 'toast';
  return type !== 'message' || place !== 'model';
}

function eventRefusal({ definition, behaviour }: LoadedPlugin, event: SurfaceEvent): string | null {
  const isAction = (name: unknown) => definition.actions?.some(({ id, on }) => id === name && on === 'part') === true;
  const undeclared = (name: unknown) => `its button names the action ${String(name)}, which it does not declare with on: 'part'`;
  switch (event.type) {
    case 'actions': {
      const wrong = event.items.find(({ action }) => !isAction(action));
      return wrong === undefined ? null : undeclared(wrong.action);
    }
    case 'element': {
      if (event.element.kind !== 'custom') return null;
      const nodes = nodesOf(event.element.tree);
      const button = nodes.find(({ node, actionId }) => node === 'button' && !isAction(actionId));
      if (button !== undefined) return undeclared(button.actionId);
      return fieldsRefusal(fieldsOf(nodes), `the element ${event.element.id}`);
    }
    case 'ask':
      if (ownOf(behaviour.answers, event.name) === undefined) return `it asks ${event.name} and brings no answer of that name`;
      return event.spec.kind === 'form' ? fieldsRefusal(event.spec.fields, `the question ${event.name}`) : null;
    case 'fields':
      return fieldsRefusal(event.fields, 'its fields');
    default:
      return null;
  }
}

const MOST_NODES = 500;

/** Level by level: a tree that contains itself must end too. */
function nodesOf(tree: CustomNode): CustomNode[] {
  const nodes = [tree];
  for (const { children = [] } of nodes) {
    nodes.push(...children);
    if (nodes.length > MOST_NODES) throw new Error(`its element has more than ${MOST_NODES} nodes`);
  }
  return nodes;
}

function fieldsOf(nodes: readonly CustomNode[]): Field[] {
  return nodes.flatMap(({ field }) => field ?? []);
}

/** A name such as `constructor` is none of the plugin's. */
function ownOf<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function anyHook({ hooks = {} }: PluginBehaviour, name: HookContext['hook']): ((context: HookContext) => SurfaceAnswer) | undefined {
  if (!Object.hasOwn(hooks, name)) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the context that goes in is that of the hook's own name
  return hooks[name] as ((context: HookContext) => SurfaceAnswer) | undefined;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<SurfaceEvent> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
