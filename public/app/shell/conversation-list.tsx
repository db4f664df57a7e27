import { useApp } from '../app-context.ts';
import { ConversationRows } from './conversation-rows.tsx';
import { FolderList } from './folder-list.tsx';
import { groupByDay } from './group-by-day.ts';
import { GroupHeading } from './group-heading.tsx';
import { lazy } from './lazy.tsx';
import { ListEnd } from './list-end.tsx';
import { ListState } from './list-state.tsx';
import { walkRows } from './walk-rows.ts';

/** Fetched with the first search. */
const FoundList = lazy(async () => (await import('./found-list.tsx')).FoundList);

/** The conversations of a person: pinned, folders, days; or what the search found. */
export function ConversationList({ onOpen }: { readonly onOpen: () => void }) {
  const { state, i18n } = useApp();
  const searching = state.conversations.found.query.value !== '';
  return (
    <nav
      class="conversation-list"
      aria-label={i18n.t('sidebar.conversations')}
      onKeyDown={walkRows}
      onClick={({ target }) => target instanceof Element && target.closest('a') !== null && onOpen()}
    >
      {searching ? (
        <FoundList />
      ) : (
        <>
          <Pinned />
          <FolderList />
          <Days />
        </>
      )}
    </nav>
  );
}

function Pinned() {
  const { state, i18n } = useApp();
  const items = state.conversations.pinned.items.value;
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="group-pinned">
      <GroupHeading id="group-pinned" icon="pin" label={i18n.t('group.pinned')} />
      <ConversationRows items={items} />
    </section>
  );
}

function Days() {
  const { state, i18n } = useApp();
  const { main, unfiled } = state.conversations;
  const items = unfiled.value;
  return (
    <>
      {main.items.value.length === 0 ? (
        <ListState list={main} onRetry={() => void main.load()} empty={i18n.t('sidebar.empty')} />
      ) : (
        groupByDay(items, Date.now()).map(({ group, items: rows }) => (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h2 class="conversation-group" id={`group-${group}`}>
              {i18n.t(`group.${group}`)}
            </h2>
            <ConversationRows items={rows} />
          </section>
        ))
      )}
      <ListEnd view={main} />
    </>
  );
}
