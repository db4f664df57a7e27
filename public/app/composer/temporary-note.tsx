import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
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
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [asking, setAsking] = useState(false);
  const conversation = conversationId === null ? undefined : state.conversations.get(conversationId);
  const on = conversationId === null ? state.composing.newChat.value.temporary === true : conversation?.temporary === true;
  if (!on) return null;
  return (
    <div class="temporary-note">
      <Icon name="clock" size="sm" />
      <p role="status">{t('composer.temporaryOn')}</p>
      {conversation === undefined ? null : (
        <>
          <Button size="sm" variant="ghost" onClick={() => setAsking(true)}>
            {t('composer.temporaryEnd')}
          </Button>
          <ConfirmDialog
            open={asking}
            danger
            title={t('composer.temporaryAsk')}
            confirmLabel={t('composer.temporaryEnd')}
            cancelLabel={t('action.cancel')}
            closeLabel={t('action.close')}
            onClose={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              actions.remove(conversation);
            }}
          >
            {t('composer.temporaryAskHint')}
          </ConfirmDialog>
        </>
      )}
    </div>
  );
}
