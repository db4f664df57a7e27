import { useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { PasswordField } from '../auth/password-field.tsx';
import { useSubmit } from '../auth/use-submit.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export function PasswordDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { i18n } = useApp();
  return (
    <Dialog open={open} onClose={onClose} title={i18n.t('password.title')} closeLabel={i18n.t('action.close')} size="sm">
      <PasswordForm onDone={onClose} />
    </Dialog>
  );
}

function PasswordForm({ onDone }: { readonly onDone: () => void }) {
  const { state, i18n, toasts } = useApp();
  const { t } = i18n;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { busy, error, submit } = useSubmit(async () => {
    await state.session.changePassword(current, next);
    toasts.add({ text: t('notice.PASSWORD_CHANGED'), tone: 'success' });
    onDone();
  });
  const wrongCurrent = error?.code === 'BAD_CREDENTIALS';
  return (
    <form class="auth-form" onSubmit={submit}>
      <PasswordField
        label={t('password.current')}
        autocomplete="current-password"
        autofocus
        value={current}
        error={wrongCurrent ? t('password.wrong') : undefined}
        onInput={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordField
        label={t('password.next')}
        autocomplete="new-password"
        hint={t('field.passwordHint')}
        value={next}
        error={error !== null && !wrongCurrent ? explain(i18n, error) : undefined}
        onInput={(event) => setNext(event.currentTarget.value)}
      />
      <Button type="submit" variant="primary" block busy={busy}>
        {t('password.change')}
      </Button>
    </form>
  );
}
