import type { ComponentChildren } from 'preact';
import type { AccountInfo, User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { cents, moment, money, tokens } from '../state/amounts.ts';
import type { I18n } from '../state/i18n.ts';
import type { People } from '../state/people.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import type { PersonDialog } from './person-dialogs.tsx';

export interface PeopleTableProps {
  readonly items: readonly AccountInfo[];
  readonly user: User;
  readonly people: People;
  /** A new search runs; the rows are those of the last one. */
  readonly busy: boolean;
  readonly onDialog: (name: PersonDialog, account: AccountInfo) => void;
}

/** A table; on a phone its rows become cards. The roles are written out because the layout of a card takes them away. */
export function PeopleTable({ items, user, people, busy, onDialog }: PeopleTableProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const columns = ['person', 'seen', 'sessions', 'month', 'budget'] as const;
  return (
    <table class="table people" role="table" aria-busy={busy} aria-label={t('admin.tab.people')}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} scope="col" role="columnheader">
              {t(`people.column.${column}`)}
            </th>
          ))}
          <th scope="col" role="columnheader">
            <span class="visually-hidden">{t('people.column.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((account) => (
          <Row key={account.id} account={account} user={user} people={people} onDialog={onDialog} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Pick<PeopleTableProps, 'user' | 'people' | 'onDialog'> & { readonly account: AccountInfo };

function Row({ account, user, people, onDialog }: RowProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { thisMonth: used, lastSeenAt } = account;
  const sum = used.inputTokens + used.outputTokens;
  return (
    <tr role="row" data-disabled={account.disabled ? '' : undefined}>
      <th scope="row" role="rowheader" class="person">
        <span class="person-name">
          <bdi class="page-side">{account.name}</bdi>
          {account.role === 'admin' ? <span class="badge">{t('role.admin')}</span> : null}
          {account.id === user.id ? <span class="badge badge-plain">{t('people.you')}</span> : null}
          {account.disabled ? <span class="badge badge-danger">{t('people.disabled')}</span> : null}
        </span>
        <span class="person-email" dir="ltr">
          {account.email}
        </span>
      </th>
      <Cell label={t('people.column.seen')}>{lastSeenAt === null ? t('people.never') : moment(i18n, lastSeenAt)}</Cell>
      <Cell label={t('people.column.sessions')}>{i18n.number(account.sessions)}</Cell>
      <Cell label={t('people.column.month')}>
        <span class="cell-lines">
          <span>
            <bdi>{money(i18n, used.costMicroUsd)}</bdi>
          </span>
          <small>
            {t('people.requests', { count: used.requests })} · {t('people.tokens', { count: sum, amount: tokens(i18n, sum) })}
          </small>
        </span>
      </Cell>
      <Cell label={t('people.column.budget')}>
        <span class="cell-lines">
          <span>{t('people.perDay', { amount: budgetWords(i18n, account.budget.centsPerDay) })}</span>
          <span>{t('people.perMonth', { amount: budgetWords(i18n, account.budget.centsPerMonth) })}</span>
        </span>
      </Cell>
      <td role="cell" class="person-actions">
        <PersonMenu account={account} user={user} people={people} onDialog={onDialog} />
      </td>
    </tr>
  );
}

function Cell({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <td role="cell">
      <span class="cell-label" aria-hidden="true">
        {label}
      </span>
      {typeof children === 'string' ? <bdi>{children}</bdi> : children}
    </td>
  );
}

function budgetWords(i18n: I18n, amount: number | null): string {
  if (amount === null) return i18n.t('budget.asServer');
  return amount === 0 ? i18n.t('budget.none') : cents(i18n, amount);
}

function PersonMenu({ account, user, people, onDialog }: RowProps) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const { id, role, disabled } = account;
  const own = id === user.id;
  const label = t('people.actionsOf', { name: account.name });
  const enable = () => void people.change(id, { disabled: false }).catch(actions.fail);
  const makeAdmin = () => void people.change(id, { role: 'admin' }).catch(actions.fail);
  const items: readonly MenuItem[] = [
    { id: 'sessions', label: t('people.sessions'), icon: 'monitor', onSelect: () => onDialog('sessions', account) },
    { id: 'budget', label: t('people.editBudget'), icon: 'edit', onSelect: () => onDialog('budget', account) },
    role === 'admin'
      ? { id: 'role', label: t('people.takeAdmin'), icon: 'user', onSelect: () => onDialog('demote', account) }
      : { id: 'role', label: t('people.makeAdmin'), icon: 'key', disabled, onSelect: makeAdmin },
    { id: 'out', label: t('people.signOut'), icon: 'logout', separated: true, onSelect: () => onDialog('sign-out', account) },
    disabled
      ? { id: 'enable', label: t('people.enable'), icon: 'check', onSelect: enable }
      : {
          id: 'disable',
          label: t('people.disable'),
          icon: 'stop',
          danger: true,
          disabled: own,
          onSelect: () => onDialog('disable', account),
        },
  ];
  return (
    <Menu label={label} align="end" items={items} trigger={(props) => <IconButton {...props} icon="more" label={label} tooltip="none" />} />
  );
}
