import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';

/** On the page of a new chat: whether the next one will be temporary. */
export function TemporaryToggle() {
  const { state, i18n } = useApp();
  const on = state.composing.newChat.value.temporary === true;
  return (
    <IconButton
      icon="clock"
      label={i18n.t('composer.temporary')}
      pressed={on}
      onClick={() => state.composing.chooseNew({ temporary: on ? undefined : true })}
    />
  );
}

/** Says for as long as it is so that this chat is temporary, and how to be rid of it at once. */
export function TemporaryNote({ conversationId }: { readonly conversationId: string | null }) {
  const { state, i18n, dialogs } = useApp();
  const { t } = i18n;
  const conversation = conversationId === null ? undefined : state.conversations.get(conversationId);
  const on = conversationId === null ? state.composing.newChat.value.temporary === true : conversation?.temporary === true;
  if (!on) return null;
  return (
    <div class="temporary-note">
      <Icon name="clock" size="sm" />
      <p role="status">{t('composer.temporaryOn')}</p>
      {conversationId === null ? null : (
        <Button size="sm" variant="ghost" onClick={() => dialogs.open({ name: 'delete-temporary', conversationId })}>
          {t('composer.temporaryEnd')}
        </Button>
      )}
    </div>
  );
}
