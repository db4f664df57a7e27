import { useEffect, useState } from 'preact/hooks';
import type { AccountInfo, SessionInfo, User } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { SessionList } from '../settings/session-list.tsx';
import type { People } from '../state/people.ts';
import { type RequestError, toRequestError } from '../state/request-error.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { BudgetForm } from './budget-form.tsx';

export type PersonDialog = 'sessions' | 'budget' | 'disable' | 'sign-out' | 'demote';

export interface PersonDialogsProps {
  readonly people: People;
  readonly user: User;
  readonly dialog: { readonly name: PersonDialog; readonly account: AccountInfo } | null;
  readonly onClose: () => void;
}

export function PersonDialogs({ people, user, dialog, onClose }: PersonDialogsProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { name, account } = dialog ?? {};
  const close = t('action.close');
  return (
    <>
      <Question people={people} user={user} dialog={dialog} onClose={onClose} />
      <Dialog open={name === 'sessions'} onClose={onClose} title={t('people.sessionsOf', { name: account?.name ?? '' })} closeLabel={close}>
        {account === undefined ? null : <PersonSessions people={people} account={account} />}
      </Dialog>
      <Dialog
        open={name === 'budget'}
        onClose={onClose}
        title={t('people.budgetOf', { name: account?.name ?? '' })}
        closeLabel={close}
        size="sm"
      >
        {account === undefined ? null : <BudgetForm people={people} account={account} onDone={onClose} />}
      </Dialog>
    </>
  );
}

/** What asks first, and says what will happen. */
const questions: ReadonlySet<PersonDialog> = new Set(['disable', 'sign-out', 'demote']);

function Question({ people, user, dialog, onClose }: PersonDialogsProps) {
  const { state, i18n, toasts, actions } = useApp();
  const { t } = i18n;
  const asked = dialog !== null && questions.has(dialog.name);
  const { account, name } = dialog ?? {};
  const key = `people.ask.${name === 'disable' || name === 'demote' ? name : 'signOut'}`;
  const params = { name: account?.name ?? '' };
  const work = async (): Promise<void> => {
    if (account === undefined) return;
    if (name === 'sign-out') return people.signOut(account.id);
    await people.change(account.id, name === 'disable' ? { disabled: true } : { role: 'user' });
    // Who gave up the own role sees what everybody sees.
    if (name === 'demote' && account.id === user.id) await state.session.check();
  };
  const confirm = () => {
    onClose();
    work().then(() => toasts.add({ text: t(`${key}.done`, params), tone: 'success' }), actions.fail);
  };
  // Always there, so that its closing gives the focus back to where it came from.
  return (
    <ConfirmDialog
      open={asked}
      danger={name === 'disable'}
      title={t(`${key}.title`, params)}
      confirmLabel={t(`${key}.confirm`)}
      cancelLabel={t('action.cancel')}
      closeLabel={t('action.close')}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>{t(`${key}.text`, params)}</p>
    </ConfirmDialog>
  );
}

function PersonSessions({ people, account }: { readonly people: People; readonly account: AccountInfo }) {
  const { i18n } = useApp();
  const [sessions, setSessions] = useState<readonly SessionInfo[] | null>(null);
  const [error, setError] = useState<RequestError | null>(null);
  useEffect(() => {
    let here = true;
    people.sessionsOf(account.id).then(
      (items) => here && setSessions(items),
      (cause: unknown) => here && setError(toRequestError(cause)),
    );
    return () => {
      here = false;
    };
  }, [account.id]);
  if (error !== null) {
    return (
      <p class="form-error" role="alert">
        {explain(i18n, error)}
      </p>
    );
  }
  if (sessions === null) return <Skeleton lines={3} />;
  if (sessions.length === 0) return <p class="page-nothing">{i18n.t('sessions.nowhere')}</p>;
  return <SessionList sessions={sessions} />;
}
