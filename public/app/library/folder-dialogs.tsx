import '../../styles/library.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { toRequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/text-field.tsx';

const nameLength = 80;

/** A new folder; the conversation that it was made for moves into it. */
export function FolderDialog({ request, onClose }: DialogProps<'folder'>) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const { conversations } = state;
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => field.current?.focus(), []);
  const conversation = request.conversationId === undefined ? undefined : conversations.get(request.conversationId);
  const create = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const folder = await conversations.folders.create(name.trim());
      conversations.folders.toggle(folder.id, true);
      if (conversation !== undefined) actions.library.moveTo(conversation, folder.id);
      onClose();
    } catch (cause) {
      setError(explain(i18n, toRequestError(cause)));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t('folder.newTitle')} closeLabel={t('action.close')} size="sm">
      <form
        class="folder-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void create();
        }}
      >
        <TextField
          label={t('folder.name')}
          inputRef={field}
          maxLength={nameLength}
          autocomplete="off"
          hint={conversation === undefined ? undefined : t('folder.newHint', { title: conversation.title || t('conversation.untitled') })}
          error={error}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <div class="prompt-buttons">
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={name.trim() === ''}>
            {t('folder.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Nothing in it is lost, but its order is: it asks. */
export function DeleteFolderDialog({ request, onClose }: DialogProps<'delete-folder'>) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const { folders } = state.conversations;
  const folder = folders.items.value.find(({ id }) => id === request.folderId);
  const remove = () => {
    onClose();
    folders.remove(request.folderId).catch(actions.fail);
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={remove}
      title={t('folder.deleteTitle')}
      confirmLabel={t('folder.delete')}
      cancelLabel={t('action.cancel')}
      closeLabel={t('action.close')}
      danger
    >
      <p>{t('folder.deleteAsk', { name: folder?.name ?? '' })}</p>
    </ConfirmDialog>
  );
}

/** A temporary conversation has no trash to come back from. */
export function DeleteTemporaryDialog({ request, onClose }: DialogProps<'delete-temporary'>) {
  const { state, i18n, toasts, actions } = useApp();
  const { t } = i18n;
  const remove = () => {
    onClose();
    const { conversationId } = request;
    if (state.router.route.peek().conversationId === conversationId) state.router.go(null);
    state.conversations.remove(conversationId).then(() => toasts.add({ text: t('temporary.gone'), tone: 'info' }), actions.fail);
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={remove}
      title={t('temporary.deleteTitle')}
      confirmLabel={t('trash.eraseIt')}
      cancelLabel={t('action.cancel')}
      closeLabel={t('action.close')}
      danger
    >
      <p>{t('temporary.deleteAsk')}</p>
    </ConfirmDialog>
  );
}
