import { useEffect, useMemo, useState } from 'preact/hooks';
import type { AccountInfo, User } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { createPeople, type People } from '../state/people.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { PeopleTable } from './people-table.tsx';
import { type PersonDialog, PersonDialogs } from './person-dialogs.tsx';

export interface PeopleTabProps {
  readonly user: User;
  readonly onForbidden: () => void;
}

/** Who has an account here, and what the administrator can do about it. */
export function PeopleTab({ user, onForbidden }: PeopleTabProps) {
  const { state, i18n } = useApp();
  const people = useMemo(() => createPeople({ rest: state.rest, clock: state.clock }), []);
  const [dialog, setDialog] = useState<{ readonly name: PersonDialog; readonly account: AccountInfo } | null>(null);
  const { error } = people.view.value;
  useEffect(() => {
    void people.load();
    return () => people.stop();
  }, []);
  const forbidden = error?.code === 'FORBIDDEN';
  useEffect(() => {
    if (forbidden) onForbidden();
  }, [forbidden]);
  return (
    <section aria-labelledby="people-title">
      <div class="section-head">
        <h2 id="people-title">{i18n.t('admin.tab.people')}</h2>
        <Search people={people} />
      </div>
      <List people={people} user={user} onDialog={(name, account) => setDialog({ name, account })} />
      <PersonDialogs people={people} user={user} dialog={dialog} onClose={() => setDialog(null)} />
    </section>
  );
}

function Search({ people }: { readonly people: People }) {
  const { i18n } = useApp();
  const label = i18n.t('people.search');
  return (
    <div class="search-field people-search" role="search">
      <Icon name="search" size="sm" />
      <input
        type="search"
        class="search-input"
        dir="auto"
        inputMode="email"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={label}
        aria-label={label}
        defaultValue={people.query.peek()}
        onInput={(event) => people.search(event.currentTarget.value)}
      />
    </div>
  );
}

interface ListProps {
  readonly people: People;
  readonly user: User;
  readonly onDialog: (name: PersonDialog, account: AccountInfo) => void;
}

function List({ people, user, onDialog }: ListProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { items, phase, error, nextCursor } = people.view.value;
  const query = people.query.value.trim();
  if (items.length === 0 && phase === 'loading') {
    return (
      <div class="panel-plain" role="status" aria-busy="true" aria-label={t('people.loading')}>
        <Skeleton lines={6} />
      </div>
    );
  }
  return (
    <>
      {error === null ? null : (
        <div class="page-error" role="alert">
          <p>{explain(i18n, error)}</p>
          <Button size="sm" onClick={() => void (nextCursor === null ? people.load() : people.loadMore())}>
            {t('action.retry')}
          </Button>
        </div>
      )}
      {items.length === 0 && error === null ? (
        <p class="page-nothing" role="status">
          {t(query === '' ? 'people.empty' : 'people.nothing', { query })}
        </p>
      ) : null}
      {items.length === 0 ? null : (
        <div class="people-frame">
          <PeopleTable items={items} user={user} busy={phase === 'loading'} people={people} onDialog={onDialog} />
        </div>
      )}
      {nextCursor === null || items.length === 0 ? null : (
        <div class="page-more">
          <Button busy={phase === 'more'} onClick={() => void people.loadMore()}>
            {t('people.more')}
          </Button>
        </div>
      )}
    </>
  );
}
