import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import { iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';

/** What the plugins can do with the text of a message; nothing where none can. */
export function MessageMenu({ message, text }: { readonly message: Message; readonly text: string }) {
  const { state, i18n, actions } = useApp();
  const offered = state.plugins.messageActions.value;
  if (offered.length === 0 || text === '') return null;
  const label = i18n.t('message.more');
  const target = { text, conversationId: message.conversationId, messageId: message.id };
  return (
    <Menu
      label={label}
      items={offered.map((action) => ({
        id: action.id,
        label: inWords(i18n, action.title),
        icon: iconFrom(action.icon, 'sparkle'),
        onSelect: () => actions.jobs.runAction(action, target),
      }))}
      trigger={(props) => <IconButton {...props} icon="more" size="sm" label={label} tooltip="none" />}
    />
  );
}
