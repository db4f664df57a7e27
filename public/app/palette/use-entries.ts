import type { FoundConversation } from '../../../src/protocol/library-shapes.ts';
import type { Conversation, User } from '../../../src/protocol/shapes.ts';
import { type App, useApp } from '../app-context.ts';
import { commandSummary } from '../composer/command-summary.ts';
import { useInsertPrompt } from '../library/use-insert-prompt.ts';
import { conversationItems } from '../shell/conversation-menu.tsx';
import { levels } from '../shell/pickers.tsx';
import { useLanguageItems, useThemeItems } from '../shell/preference-menus.tsx';
import { focusComposer } from '../shell/use-shortcuts.ts';
import { plainSnippet } from '../state/plain-snippet.ts';
import type { Prompts } from '../state/prompts.ts';
import type { SidePage } from '../state/router.ts';
import type { IconName } from '../ui/icon.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import type { PaletteEntry } from './palette-entry.ts';

/** Conversations that are shown before anything is asked for. */
const recent = 5;

/** Everything that the palette can find: actions, conversations, prompts, models, commands. */
export function useEntries(prompts: Prompts, found: readonly FoundConversation[]): readonly PaletteEntry[] {
  const app = useApp();
  const insertPrompt = useInsertPrompt();
  const themes = useThemeItems();
  const languages = useLanguageItems();
  const { t } = app.i18n;
  return [
    ...chats(app, found),
    ...basics(app),
    ...ofThisChat(app),
    ...pages(app),
    ...choices(themes, t('theme.choose'), 'sun'),
    ...choices(languages, t('language.choose'), 'globe'),
    ...levelEntries(app),
    ...prompts.items.value.map(
      (prompt): PaletteEntry => ({
        ...{ id: `prompt-${prompt.id}`, group: 'prompts', icon: 'book', label: prompt.title },
        hint: prompt.text.slice(0, 120),
        run: () => insertPrompt(prompt),
      }),
    ),
    ...models(app),
    ...commands(app),
  ];
}

function chats({ state, i18n, actions }: App, found: readonly FoundConversation[]): readonly PaletteEntry[] {
  const { pinned, main } = state.conversations;
  const entryOf = (conversation: Conversation, index: number): PaletteEntry => ({
    ...{ id: `chat-${conversation.id}`, group: 'chats', icon: conversation.pinned ? 'pin' : 'chat' },
    label: conversation.title || i18n.t('conversation.untitled'),
    first: index < recent,
    run: () => state.router.go(conversation.id),
  });
  const known = new Set(found.map(({ id }) => id));
  const local = [...new Map([...main.items.value, ...pinned.items.value].map((one) => [one.id, one])).values()];
  return [
    ...local.filter(({ id }) => !known.has(id)).map(entryOf),
    ...found.map((one): PaletteEntry => {
      const { id, messageId, titleHighlights, snippet, highlights } = one;
      const words = plainSnippet(snippet ?? '', highlights ?? []);
      return {
        ...{ ...entryOf(one, recent), hint: words.text, ranges: titleHighlights, hintRanges: words.ranges, found: true },
        run: () => (messageId === undefined ? state.router.go(id) : actions.openAt(id, messageId)),
      };
    }),
  ];
}

function basics({ state, i18n, actions, dialogs }: App): readonly PaletteEntry[] {
  const { t } = i18n;
  const { conversationId } = state.router.route.value;
  const running = state.generations.running.value.has(conversationId ?? '');
  const startNew = () => {
    actions.library.startNew();
    focusComposer();
  };
  return [
    action(['new', 'plus', t('sidebar.new')], startNew, { keys: 'mod+shift+O', first: true }),
    ...(running ? [action(['stop', 'stop', t('composer.stop')], actions.stop, { first: true })] : []),
    action(['prompts', 'book', t('prompts.title')], () => dialogs.open({ name: 'prompts' }), { first: true }),
    action(['new-folder', 'folder', t('folder.new')], () => dialogs.open({ name: 'folder' })),
    action(['settings', 'settings', t('settings.title')], () => dialogs.open({ name: 'settings' }), { first: true }),
    action(['password', 'key', t('password.title')], () => dialogs.open({ name: 'password' })),
    action(['shortcuts', 'keyboard', t('shortcuts.title')], () => dialogs.open({ name: 'shortcuts' }), { keys: '?', first: true }),
    action(['composer', 'edit', t('shortcuts.composer')], focusComposer, { keys: '/' }),
    action(['logout', 'logout', t('user.logout')], actions.logout),
  ];
}

/** What the menu of the conversation on the page offers. */
function ofThisChat(app: App): readonly PaletteEntry[] {
  const { conversationId } = app.state.router.route.value;
  const conversation = conversationId === null ? undefined : app.state.conversations.get(conversationId);
  if (conversation === undefined) return [];
  const rename = () => document.querySelector<HTMLElement>('.chat-title-button')?.click();
  const hint = app.i18n.t('palette.thisChat');
  return conversationItems(app, conversation, rename).flatMap((item) =>
    (item.items ?? [item]).map((one) =>
      action([`this-${item.id}-${one.id}`, one.icon ?? item.icon ?? 'more', labelOf(item, one)], () => one.onSelect?.(), { hint }),
    ),
  );
}

const labelOf = (item: MenuItem, one: MenuItem) => (item === one ? item.label : `${item.label}: ${one.label}`);

function pages({ state, i18n }: App): readonly PaletteEntry[] {
  const session = state.session.value.value;
  const user: User | undefined = session.state === 'signed-in' ? session.user : undefined;
  const all: readonly (readonly [SidePage, IconName])[] = [
    ['gallery', 'gallery'],
    ['jobs', 'tasks'],
    ['archive', 'archive'],
    ['trash', 'trash'],
    ['plugins', 'plug'],
    ['doctor', 'pulse'],
    ...(user?.role === 'admin' ? [['admin', 'gauge'] as const] : []),
  ];
  return all.map(([page, icon]) => action([`page-${page}`, icon, i18n.t(`${page}.title`)], () => state.router.open(page)));
}

function choices(items: readonly MenuItem[], hint: string, icon: IconName): readonly PaletteEntry[] {
  return items.map(({ id, label, checked, onSelect }) => action([id, icon, label], () => onSelect?.(), { hint, chosen: checked }));
}

function levelEntries({ state, i18n, actions }: App): readonly PaletteEntry[] {
  const { conversationId } = state.router.route.value;
  const chosen = state.settings.effective(conversationId).level ?? 'auto';
  return levels.map((level) =>
    action(
      [`level-${level}`, 'gauge', i18n.t(`level.${level}`)],
      () => void state.settings.update(conversationId, { level }).catch(actions.fail),
      { hint: i18n.t('level.choose'), chosen: level === chosen },
    ),
  );
}

function models({ state, i18n, actions }: App): readonly PaletteEntry[] {
  const { conversationId } = state.router.route.value;
  const all = state.settings.info.value?.models ?? [];
  const chosen = state.settings.effective(conversationId).model ?? all[0]?.id;
  return all.map(
    ({ id, label, provider }): PaletteEntry => ({
      ...{
        id: `model-${id}`,
        group: 'models',
        icon: 'sparkle',
        label,
        hint: `${i18n.t('model.choose')} · ${provider}`,
        chosen: id === chosen,
      },
      run: () => void state.settings.update(conversationId, { model: id }).catch(actions.fail),
    }),
  );
}

/** A command that needs no more words runs at once; the others begin in the composer. */
function commands({ state, i18n, actions }: App): readonly PaletteEntry[] {
  return (state.settings.info.value?.commands ?? []).map(
    (command): PaletteEntry => ({
      ...{ id: `command-${command.name}`, group: 'commands', icon: 'command', label: `/${command.name}` },
      hint: commandSummary(i18n, command),
      run() {
        if (state.router.route.peek().page !== 'chat') state.router.leave();
        if (command.args.length === 0) actions.runCommand(command.name, []);
        else state.composing.insert(`/${command.name} `);
      },
    }),
  );
}

type Extras = Pick<PaletteEntry, 'hint' | 'keys' | 'chosen' | 'first'>;
type Face = readonly [id: string, icon: IconName, label: string];

function action([id, icon, label]: Face, run: () => void, extras: Extras = {}): PaletteEntry {
  return { id, group: 'actions', icon, label, run, ...extras };
}
