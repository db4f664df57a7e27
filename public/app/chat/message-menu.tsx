import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import type { Thread } from '../state/thread.ts';
import { iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';

export interface MessageMenuProps {
  readonly thread: Thread;
  readonly message: Message;
  readonly text: string;
}

/** Everything that can be done with one message and has no button of its own; what plugins offer comes last. */
export function MessageMenu({ thread, message, text }: MessageMenuProps) {
  const { state, i18n, actions } = useApp();
  const label = i18n.t('message.more');
  const target = { text, conversationId: message.conversationId, messageId: message.id };
  const offered = text === '' ? [] : state.plugins.messageActions.value;
  const items: readonly MenuItem[] = [
    ...useOwnItems(thread, message, text),
    ...offered.map((action, index) => ({
      id: action.id,
      label: inWords(i18n, action.title),
      icon: iconFrom(action.icon, 'sparkle'),
      separated: index === 0,
      onSelect: () => actions.jobs.runAction(action, target),
    })),
  ];
  return (
    <Menu label={label} items={items} trigger={(props) => <IconButton {...props} icon="more" size="sm" label={label} tooltip="none" />} />
  );
}

function useOwnItems(thread: Thread, message: Message, text: string): readonly MenuItem[] {
  const { state, i18n, actions, dialogs, reading } = useApp();
  const { t } = i18n;
  const { id, conversationId, role } = message;
  const favourite = message.favourite === true;
  const models = state.settings.info.value?.models.length ?? 0;
  // Work on pictures was done by no model.
  const answered = role === 'assistant' && message.parts.every(({ type }) => type !== 'job');
  const comparable = answered && (models > 1 || thread.siblings(id).length > 1);
  const kept: MenuItem = {
    ...{ id: 'favourite', icon: 'star' as const, label: t(favourite ? 'message.unfavourite' : 'message.favourite') },
    onSelect: () => void actions.messages.setFavourite(message, !favourite),
  };
  const forked: MenuItem = {
    ...{ id: 'fork', icon: 'fork' as const, label: t('message.fork') },
    onSelect: () => void actions.messages.fork(message),
  };
  const compared: MenuItem = {
    ...{ id: 'compare', icon: 'compare' as const, label: t('message.compare') },
    onSelect: () => dialogs.open({ name: 'compare', conversationId, messageId: id }),
  };
  const shared: MenuItem = {
    ...{ id: 'share', icon: 'share' as const, label: t('message.share') },
    onSelect: () => dialogs.open({ name: 'share', conversationId, messageId: id }),
  };
  const quoted: MenuItem = {
    ...{ id: 'quote', icon: 'quote' as const, label: t('message.quote') },
    onSelect: () => state.composing.quote(text),
  };
  const read: MenuItem = {
    ...{ id: 'read', icon: 'speaker' as const, label: t('message.read') },
    onSelect: () => reading.start(conversationId, id),
  };
  return [
    ...(text === '' ? [] : [quoted, kept]),
    ...(text === '' || role === 'user' || !reading.possible ? [] : [read]),
    ...(comparable ? [compared] : []),
    forked,
    // What is gone after a day has no link that stays.
    ...(state.conversations.get(conversationId)?.temporary === true ? [] : [shared]),
  ];
}
