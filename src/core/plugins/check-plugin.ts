import { z } from 'zod';
import { modelInfoSchema, wordsSchema } from '../../protocol/index.ts';
import { surfaceDeclarationSchema, surfaceRefusal } from './check-surface.ts';
import { type PluginDefinition, pluginApiVersion } from './define-plugin.ts';
import { formRefusal, parseForm } from './plugin-form.ts';

/** What a plugin must not collide with. */
export interface TakenNames {
  /** Who declares a kind already. */
  kindOwner(kind: string): string | undefined;
  modelOwner(model: string): string | undefined;
  chatModelOwner(id: string): string | undefined;
  /** Why a command cannot have this name; null when it can. */
  commandRefusal(name: string): string | null;
}

export type CheckedPlugin =
  | { readonly definition: PluginDefinition }
  /** One sentence that says what to do. */
  | { readonly refusal: string };

const kebab = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be in kebab case (a-z, 0-9 and -), at most 64 characters');
const text = (most: number) => z.string().min(1).max(most);
const words = wordsSchema.refine(({ en }) => en.trim() !== '' && en.length <= 2000, 'needs 1 to 2000 characters in en');
const callable = z.custom<unknown>((value) => typeof value === 'function', 'must be a function');
const objectSchema = z.custom<z.ZodObject>(isObjectSchema, 'must be made with z.object({ … })');
const insideFolder = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (path) => !path.startsWith('/') && !/[\\:]|(^|\/)\.\.?(\/|$)/.test(path),
    'must be a path below the folder, with / and without ..',
  );

const processor = z.object({
  title: words,
  description: words,
  icon: z.string().max(40).optional(),
  input: z
    .object({ minPictures: z.number().int().min(0).max(16), maxPictures: z.number().int().min(0).max(16) })
    .refine(({ minPictures, maxPictures }) => minPictures <= maxPictures, 'needs minPictures <= maxPictures'),
  params: objectSchema,
  autoLevel: callable.optional(),
  estimate: callable,
});

const command = z.object({
  name: z.string(),
  summary: words,
  usage: text(200),
  example: text(200),
  args: z
    .array(
      z.object({
        name: text(40),
        required: z.boolean(),
        choices: z.array(text(60)).min(1).max(50).optional(),
        param: z.string().optional(),
        rest: z.boolean().optional(),
      }),
    )
    .max(16),
  processor: z.string().optional(),
});

const action = z.object({
  id: kebab,
  on: z.enum(['picture', 'message', 'part']),
  title: words,
  icon: z.string().max(40).optional(),
  processor: z.string().optional(),
  params: z.record(z.string(), z.json()).optional(),
});

const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plugin') }),
  z.object({ kind: z.literal('dependency'), package: text(214) }),
  z.object({
    kind: z.literal('npm'),
    package: text(214),
    version: text(64),
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'must be the sha512-… of the registry'),
    downloadSize: z.number().int().positive(),
    convert: z.object({ from: z.enum(['tfjs-layers', 'tfjs-graph']), model: insideFolder }).optional(),
  }),
  z.object({ kind: z.literal('operator'), instructions: words }),
]);

const manifest = z
  .object({
    name: kebab,
    version: text(64),
    title: words,
    source,
    files: z.array(z.object({ path: insideFolder, size: z.number().int().nonnegative(), sha256: z.string() })).min(1),
    graph: insideFolder.optional(),
    licence: z.object({ code: text(100), weights: text(100), holder: text(200) }),
    memoryMb: z.number().positive().max(1_000_000),
  })
  .superRefine(({ source: from, files, graph }, context) => {
    if (graph !== undefined && !files.some(({ path }) => path === graph)) context.addIssue(`: its graph ${graph} is not among its files`);
    if (from.kind === 'operator') return;
    const bad = files.find(({ size, sha256 }) => size === 0 || !/^[0-9a-f]{64}$/.test(sha256));
    if (bad !== undefined) context.addIssue(`: the file ${bad.path} needs its size in bytes and its sha256 in hex`);
  });

const definitionSchema = z.object({
  name: kebab,
  version: text(64),
  title: words,
  description: words,
  config: objectSchema.optional(),
  userSettings: objectSchema.optional(),
  models: z.array(manifest).max(100).optional(),
  processors: z.record(z.string(), processor).optional(),
  commands: z.array(command).max(50).optional(),
  actions: z.array(action).max(50).optional(),
  chatModels: z
    .array(modelInfoSchema.omit({ provider: true }))
    .max(50)
    .optional(),
  starters: z
    .array(z.object({ title: words, text: words }))
    .max(12)
    .optional(),
  surface: surfaceDeclarationSchema.optional(),
  setup: callable,
});

/**
 * Judges what a plugin module exports. Everything that could only fail later, in front of a person, is refused here.
 * @param name of its folder; null for a package, which may lie in a folder of any name
 */
export function checkPlugin(exported: unknown, name: string | null, taken: TakenNames): CheckedPlugin {
  const refusal = versionRefusal(exported) ?? shapeRefusal(exported);
  if (refusal !== null) return { refusal };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema above has just proved its shape; types of functions cannot be proved
  const definition = exported as PluginDefinition;
  const named = name !== null && definition.name !== name ? nameRefusal(definition.name, name) : null;
  const reason = named ?? contentRefusal(definition, taken);
  return reason === null ? { definition } : { refusal: reason };
}

function versionRefusal(exported: unknown): string | null {
  if (typeof exported !== 'object' || exported === null || !('apiVersion' in exported)) {
    return 'its module has no plugin as default export: write export default definePlugin({ name, version, apiVersion: 1, … })';
  }
  const { apiVersion } = exported;
  if (apiVersion === pluginApiVersion) return null;
  if (typeof apiVersion !== 'number') return `apiVersion must be ${pluginApiVersion}`;
  const mend = apiVersion > pluginApiVersion ? 'update the server, or take an older version of the plugin' : 'update the plugin';
  return `needs plugin API ${apiVersion}, this server has ${pluginApiVersion}: ${mend}`;
}

function shapeRefusal(exported: unknown): string | null {
  const issue = definitionSchema.safeParse(exported, { jitless: true }).error?.issues[0];
  if (issue === undefined) return null;
  const missing = issue.code === 'invalid_type' && /received undefined/.test(issue.message);
  return `${issue.path.map(String).join('.')} ${missing ? 'is missing' : issue.message}`;
}

function nameRefusal(own: string, folder: string): string {
  return `calls itself “${own}” and lies in the folder “${folder}”: give both the same name`;
}

function contentRefusal(definition: PluginDefinition, taken: TakenNames): string | null {
  const checks = [formsRefusal, processorsRefusal, commandsRefusal, actionsRefusal, modelsRefusal, surfaceRefusal];
  for (const check of checks) {
    const refusal = check(definition, taken);
    if (refusal !== null) return refusal;
  }
  return null;
}

function formsRefusal({ config, userSettings, processors = {} }: PluginDefinition): string | null {
  const forms = [
    ...(config === undefined ? [] : [{ schema: config, where: 'config' }]),
    ...(userSettings === undefined ? [] : [{ schema: userSettings, where: 'userSettings' }]),
    ...Object.entries(processors).map(([kind, { params }]) => ({ schema: params, where: `processors.${kind}.params` })),
  ];
  return first(forms, ({ schema, where }) => formRefusal(schema, where));
}

function processorsRefusal({ processors = {} }: PluginDefinition, taken: TakenNames): string | null {
  return first(Object.keys(processors), (kind) => {
    if (!kebab.safeParse(kind).success) return `the kind “${kind.slice(0, 64)}” must be in kebab case (a-z, 0-9 and -)`;
    const owner = taken.kindOwner(kind);
    return owner === undefined ? null : `the kind “${kind}” is taken by the plugin ${owner}: give it another name`;
  });
}

function commandsRefusal({ commands = [], processors = {} }: PluginDefinition, taken: TakenNames): string | null {
  const names = commands.map(({ name }) => name);
  return first(commands, ({ name, args, processor: kind }, index) => {
    const where = `the command /${name.slice(0, 40)}`;
    const refusal = names.indexOf(name) === index ? taken.commandRefusal(name) : 'is declared twice';
    if (refusal !== null) return `${where} ${refusal}: give it another name`;
    const declared = kind === undefined ? undefined : processors[kind];
    if (kind !== undefined && declared === undefined) return `${where} names the processor “${kind}”, which the plugin does not declare`;
    const last = args.length - 1;
    if (args.some((arg, place) => arg.rest === true && place !== last)) return `${where}: only its last argument may have rest`;
    if (args.some((arg, place) => arg.required && args[place - 1]?.required === false))
      return `${where}: a required argument stands behind an optional one`;
    const unknown = args.find(({ param }) => param !== undefined && !Object.hasOwn(declared?.params.shape ?? {}, param));
    return unknown === undefined ? null : `${where}: its argument ${unknown.name} names a parameter that its processor does not have`;
  });
}

function actionsRefusal({ actions = [], processors = {} }: PluginDefinition): string | null {
  const ids = actions.map(({ id }) => id);
  return first(actions, ({ id, processor: kind, params = {} }, index) => {
    if (ids.indexOf(id) !== index) return `the action ${id} is declared twice`;
    if (kind === undefined) return null;
    const declared = processors[kind];
    if (declared === undefined) return `the action ${id} names the processor “${kind}”, which the plugin does not declare`;
    try {
      parseForm(declared.params, params, 'The parameter');
      return null;
    } catch (error) {
      return `the action ${id}: ${error instanceof Error ? error.message : 'its params do not fit'}`;
    }
  });
}

function modelsRefusal({ models = [], chatModels = [] }: PluginDefinition, taken: TakenNames): string | null {
  const names = models.map(({ name }) => name);
  const ids = chatModels.map(({ id }) => id);
  return (
    first(names, (name, index) => {
      if (names.indexOf(name) !== index) return `the model ${name} is declared twice`;
      const owner = taken.modelOwner(name);
      return owner === undefined ? null : `the model ${name} is taken by the plugin ${owner}: give it another name`;
    }) ??
    first(ids, (id, index) => {
      if (ids.indexOf(id) !== index) return `the chat model ${id} is declared twice`;
      const owner = taken.chatModelOwner(id);
      return owner === undefined ? null : `the chat model ${id} is taken by the plugin ${owner}: give it another id`;
    })
  );
}

function first<T>(items: readonly T[], refusalOf: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const refusal = refusalOf(item, index);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Also of another copy of zod 4, which a package may bring. */
function isObjectSchema(value: unknown): value is z.ZodObject {
  if (typeof value !== 'object' || value === null || !('_zod' in value) || !('safeParse' in value)) return false;
  const { _zod: inner } = value;
  if (typeof inner !== 'object' || inner === null || !('def' in inner)) return false;
  return typeof inner.def === 'object' && inner.def !== null && 'type' in inner.def && inner.def.type === 'object';
}
