import type { HookName, ModeDeclaration, ProfileDeclaration, SurfaceConversation, Words } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Field, ModeInfo, ProfileInfo, Settings, SurfaceInfo } from '../../protocol/index.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import type { PluginEntry } from '../plugins/plugin-entry.ts';
import { checkedChanges, type FieldValues, heldValues, openField } from './field-values.ts';

export interface SurfaceDirectoryOptions {
  /** In the order of their names. */
  readonly entries: () => readonly PluginEntry[];
  /** What the operator put around the conversation. */
  readonly site: () => Pick<SurfaceInfo, 'links' | 'readme' | 'theme'>;
}

export interface FoundProfile {
  /** `<plugin>.<profile>` */
  readonly id: string;
  readonly entry: PluginEntry;
  readonly declaration: ProfileDeclaration;
  readonly fields: readonly Field[];
}

/** What plugins that can be used now declare for conversations, and what of it holds in one. */
export class SurfaceDirectory {
  readonly #options: SurfaceDirectoryOptions;

  constructor(options: SurfaceDirectoryOptions) {
    this.#options = options;
  }

  info(): SurfaceInfo {
    const { links, readme, theme } = this.#options.site();
    const surfaces = this.#ready().map((entry) => ({ plugin: entry.name, surface: entry.loaded.definition?.surface }));
    const profiles = surfaces.flatMap(({ plugin, surface }) => (surface?.profiles ?? []).map((profile) => profileInfo(plugin, profile)));
    const first = profiles.find((profile) => profile.default === true);
    return {
      // The first plugin by name that says so has the default; two would leave the choice to chance.
      profiles: profiles.map(({ default: _wish, ...profile }) => (profile.id === first?.id ? { ...profile, default: true } : profile)),
      modes: surfaces.flatMap(({ plugin, surface }) => (surface?.modes ?? []).map((mode) => modeInfo(plugin, mode))),
      links: [...surfaces.flatMap(({ surface }) => (surface?.links ?? []).map(linkInfo)), ...links],
      readme,
      theme,
    };
  }

  /** Null: there is none of this id, or its plugin cannot be used now. */
  profile(id: string | undefined): FoundProfile | null {
    if (id === undefined) return null;
    for (const entry of this.#ready()) {
      const declaration = entry.loaded.definition?.surface?.profiles?.find((profile) => profileId(entry.name, profile) === id);
      if (declaration !== undefined) return { id, entry, declaration, fields: declaration.fields ?? [] };
    }
    return null;
  }

  /** Those that want to be told of something in a conversation with this profile, or of a sign-in. */
  listeners(hook: HookName, profile: string | undefined): readonly PluginEntry[] {
    return this.#ready().filter((entry) => {
      const hooks = entry.loaded.definition?.surface?.hooks;
      if (hooks?.names.includes(hook) !== true) return false;
      return ofItself.has(hook) || hooks.everywhere === true || ownsProfile(entry.name, profile);
    });
  }

  /** Whether anybody would be told: what is not asked for is not even looked up. */
  hasListeners(hook: HookName): boolean {
    return this.#ready().some((entry) => entry.loaded.definition?.surface?.hooks?.names.includes(hook) === true);
  }

  /** What a plugin is told of a conversation: its own modes, and the values of its own profile. */
  conversationFor(plugin: string, record: ConversationRecord): SurfaceConversation {
    const { id, title, profile } = record;
    const own = ownsProfile(plugin, profile) ? profile?.slice(plugin.length + 1) : undefined;
    const prefix = `${plugin}.`;
    const modes = Object.entries(this.modes(record)).flatMap(([mode, option]) =>
      mode.startsWith(prefix) ? [[mode.slice(prefix.length), option] as const] : [],
    );
    return {
      id,
      title,
      ...(own === undefined ? {} : { profile: own }),
      modes: Object.fromEntries(modes),
      values: own === undefined ? {} : this.values(record),
    };
  }

  /** The option that holds for each mode of a conversation: the chosen one, else the declared default, else the first. */
  modes(record: Pick<ConversationRecord, 'profile' | 'modes'>): Readonly<Record<string, string>> {
    const chosen = new Map(record.modes ?? []);
    const profile = this.profile(record.profile);
    const everywhere = this.#ready().flatMap((entry) =>
      (entry.loaded.definition?.surface?.modes ?? []).map((mode) => modeInfo(entry.name, mode)),
    );
    const own = profile === null ? [] : (profile.declaration.modes ?? []).map((mode) => modeInfo(profile.entry.name, mode));
    const held = [...everywhere, ...own].map(({ id, options }) => {
      const option = options.find((each) => each.id === chosen.get(id)) ?? options.find((each) => each.default === true) ?? options[0];
      return [id, option?.id ?? ''] as const;
    });
    return Object.fromEntries(held);
  }

  /** Values of the fields of a conversation's profile, defaults included. */
  values({ profile, settings }: Pick<ConversationRecord, 'profile' | 'settings'>): FieldValues {
    const found = this.profile(profile);
    return found === null ? {} : heldValues(keptFields(found), settings.values ?? {});
  }

  /** What the profile of a conversation sets, below what the person chose for the conversation. */
  settingsOf(record: Pick<ConversationRecord, 'profile'>): Settings {
    const model = this.profile(record.profile)?.declaration.model;
    return model === undefined ? {} : { model };
  }

  /**
   * Changed values of a conversation, checked against the fields of its profile.
   * @throws AppError BAD_REQUEST that names the field; for a conversation without such fields
   */
  checkedValues(record: Pick<ConversationRecord, 'profile'>, values: Readonly<Record<string, unknown>>): FieldValues {
    const found = this.profile(record.profile);
    if (found === null && Object.keys(values).length > 0) throw new AppError('BAD_REQUEST', { params: { field: 'values' } });
    return checkedChanges(found === null ? [] : keptFields(found), values);
  }

  #ready(): readonly PluginEntry[] {
    return this.#options
      .entries()
      .filter(({ state }) => state === 'ready')
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Told whatever the profile: there is none at a sign-in, and a button is the plugin's own wherever it stands. */
const ofItself: ReadonlySet<HookName> = new Set(['login', 'action']);

/** Fields as their values are kept: a plugin that changes them while they are filled in knows options that were not declared. */
function keptFields({ entry, fields }: FoundProfile): readonly Field[] {
  return entry.loaded.definition?.surface?.hooks?.names.includes('settingsEdit') === true ? fields.map(openField) : fields;
}

export function ownsProfile(plugin: string, profile: string | undefined): boolean {
  return profile?.startsWith(`${plugin}.`) === true;
}

function profileId(plugin: string, { id }: ProfileDeclaration): string {
  return `${plugin}.${id}`;
}

function profileInfo(plugin: string, profile: ProfileDeclaration): ProfileInfo {
  const { title, description, icon, author, greeting, starters = [], fields = [], modes = [], speaksFirst } = profile;
  return {
    id: profileId(plugin, profile),
    title: wordsOf(title),
    ...(description === undefined ? {} : { description: wordsOf(description) }),
    ...(icon === undefined ? {} : { icon }),
    ...(author === undefined ? {} : { author: { name: wordsOf(author.name), avatar: author.avatar } }),
    ...(greeting === undefined ? {} : { greeting: wordsOf(greeting) }),
    starters: starters.map((starter) => ({
      title: wordsOf(starter.title),
      text: wordsOf(starter.text),
      ...(starter.category === undefined ? {} : { category: wordsOf(starter.category) }),
      ...(starter.icon === undefined ? {} : { icon: starter.icon }),
    })),
    fields: [...fields],
    modes: modes.map((mode) => modeInfo(plugin, mode)),
    ...(profile.default === true ? { default: true } : {}),
    ...(speaksFirst === true ? { speaksFirst: true } : {}),
  };
}

function modeInfo(plugin: string, { id, title, options }: ModeDeclaration): ModeInfo {
  return {
    id: `${plugin}.${id}`,
    title: wordsOf(title),
    options: options.map((option) => ({
      id: option.id,
      title: wordsOf(option.title),
      ...(option.description === undefined ? {} : { description: wordsOf(option.description) }),
      ...(option.icon === undefined ? {} : { icon: option.icon }),
      ...(option.default === true ? { default: true } : {}),
    })),
  };
}

function linkInfo({
  title,
  url,
  icon,
}: {
  readonly title: Words;
  readonly url: string;
  readonly icon?: string;
}): SurfaceInfo['links'][number] {
  return { title: wordsOf(title), url, ...(icon === undefined ? {} : { icon }) };
}

function wordsOf({ en, fa, ar }: Words): { en: string; fa?: string; ar?: string } {
  return { en, ...(fa === undefined ? {} : { fa }), ...(ar === undefined ? {} : { ar }) };
}
