import { z } from 'zod';
import { fieldSchema, wordsSchema } from '../../protocol/index.ts';
import { fieldsRefusal } from './check-fields.ts';
import type { HookName, ModeDeclaration, ProfileDeclaration, SurfaceDeclaration } from './surface.ts';

const hookNames = [
  ...(['chatStart', 'message', 'stop', 'end', 'resume', 'settingsEdit', 'settingsUpdate', 'feedback', 'action', 'login'] as const),
] satisfies readonly HookName[];

const kebab = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be in kebab case (a-z, 0-9 and -), at most 64 characters');
const words = (most: number) =>
  wordsSchema.refine(
    ({ en, fa, ar }) => en.trim() !== '' && [en, fa, ar].every((text) => (text?.length ?? 0) <= most),
    `needs 1 to ${most} characters in en, and no more in another language`,
  );
const title = words(120);
const icon = z.string().min(1).max(40);
/** As `GET /api/avatars/:name` takes it. */
const avatar = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be a name of a-z, 0-9, - and _: the picture lies in DATA_DIR/site/avatars');
const webAddress = z
  .string()
  .max(2000)
  .refine((url) => /^https?:$/.test(protocolOf(url)), 'must be an address that begins with https:// or http://');

const mode = z.object({
  id: kebab,
  title,
  options: z
    .array(z.object({ id: kebab, title, description: words(300).optional(), icon: icon.optional(), default: z.boolean().optional() }))
    .min(1)
    .max(20),
});

const profile = z.object({
  id: kebab,
  title,
  description: words(2000).optional(),
  icon: icon.optional(),
  author: z.object({ name: title, avatar: avatar.optional() }).optional(),
  model: z.string().min(1).max(128).optional(),
  systemInstruction: z.string().max(8192).optional(),
  greeting: words(4000).optional(),
  starters: z
    .array(z.object({ title, text: words(4000), category: words(60).optional(), icon: icon.optional() }))
    .max(24)
    .optional(),
  fields: z.array(fieldSchema).max(50).optional(),
  modes: z.array(mode).max(8).optional(),
  default: z.boolean().optional(),
  speaksFirst: z.boolean().optional(),
});

/** The shape of `surface`; what its members mean to each other is for `surfaceRefusal`. */
export const surfaceDeclarationSchema = z.object({
  profiles: z.array(profile).max(20).optional(),
  modes: z.array(mode).max(8).optional(),
  links: z
    .array(z.object({ title, url: webAddress, icon: icon.optional() }))
    .max(10)
    .optional(),
  hooks: z.object({ names: z.array(z.enum(hookNames)).min(1), everywhere: z.boolean().optional() }).optional(),
});

/** What is wrong with the part that a plugin takes in conversations; null when nothing is. */
export function surfaceRefusal({ surface = {} }: { readonly surface?: SurfaceDeclaration }): string | null {
  const { profiles = [], modes = [] } = surface;
  return (
    twice(profiles, 'the profile') ??
    manyDefaults(profiles, 'its profiles') ??
    firstOf(profiles, (one) => profileRefusal(one, modes, surface.hooks?.names ?? [])) ??
    modesRefusal(modes, 'surface') ??
    hooksRefusal(surface)
  );
}

function profileRefusal(one: ProfileDeclaration, modes: readonly ModeDeclaration[], hooks: readonly HookName[]): string | null {
  const where = `the profile ${one.id}`;
  if (one.speaksFirst === true && !hooks.includes('chatStart'))
    return `${where} speaks first: name the hook chatStart in surface.hooks.names, and bring it`;
  return fieldsRefusal(one.fields ?? [], where) ?? modesRefusal([...modes, ...(one.modes ?? [])], where);
}

function modesRefusal(modes: readonly ModeDeclaration[], where: string): string | null {
  const refusal =
    twice(modes, 'the mode') ??
    firstOf(modes, ({ id, options }) => {
      const option = twice(options, 'the option') ?? manyDefaults(options, 'its options');
      return option === null ? null : `the mode ${id}: ${option}`;
    });
  return refusal === null ? null : `${where}: ${refusal}`;
}

function hooksRefusal({ hooks, profiles = [] }: SurfaceDeclaration): string | null {
  if (hooks === undefined) return null;
  const twiceNamed = hooks.names.find((name, index) => hooks.names.indexOf(name) !== index);
  if (twiceNamed !== undefined) return `surface.hooks.names has ${twiceNamed} twice`;
  const silent = hooks.everywhere !== true && profiles.length === 0 && hooks.names.some((name) => name !== 'login');
  return silent ? 'its hooks would never be asked: it has no profile, so write surface.hooks.everywhere: true' : null;
}

function twice(items: readonly { readonly id: string }[], what: string): string | null {
  const ids = items.map(({ id }) => id);
  const id = ids.find((one, index) => ids.indexOf(one) !== index);
  return id === undefined ? null : `${what} ${id} is declared twice`;
}

function manyDefaults(items: readonly { readonly default?: boolean }[], what: string): string | null {
  return items.filter((item) => item.default === true).length > 1 ? `only one of ${what} may be the default` : null;
}

function firstOf<T>(items: readonly T[], refusalOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const refusal = refusalOf(item);
    if (refusal !== null) return refusal;
  }
  return null;
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
