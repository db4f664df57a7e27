import type { Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** Shown on a message that is kept at hand; a click lets it go. The menu keeps one. */
export function FavouriteStar({ message }: { readonly message: Message }) {
  const { i18n, actions } = useApp();
  if (message.favourite !== true) return null;
  return (
    <IconButton
      icon="star"
      size="sm"
      pressed
      label={i18n.t('message.favourite')}
      onClick={() => void actions.messages.setFavourite(message, false)}
    />
  );
}
