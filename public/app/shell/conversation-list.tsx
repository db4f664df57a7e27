import { useEffect, useRef } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { ConversationRow } from './conversation-row.tsx';
import { groupByDay } from './group-by-day.ts';

export function ConversationList() {
  const { state, i18n } = useApp();
  const { conversations } = state;
  const list = conversations.shown.value;
  const query = conversations.query.value;
  const groups = query === '' ? groupByDay(list, Date.now()) : [{ group: 'found' as const, items: list }];
  return (
    <nav class="conversation-list" aria-label={i18n.t('sidebar.conversations')}>
      {list.length === 0 ? (
        <ListState />
      ) : (
        groups.map(({ group, items }) => (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h2 class="conversation-group" id={`group-${group}`}>
              {group === 'found' ? i18n.t('sidebar.found', { count: items.length }) : i18n.t(`group.${group}`)}
            </h2>
            <ul class="conversation-rows">
              {items.map((conversation) => (
                <ConversationRow key={conversation.id} conversation={conversation} />
              ))}
            </ul>
          </section>
        ))
      )}
      {conversations.hasMore.value ? <MoreMarker /> : null}
    </nav>
  );
}

function ListState() {
  const { state, i18n } = useApp();
  const { phase, error, query } = state.conversations;
  if (phase.value === 'error' && error.value !== null) {
    return (
      <div class="list-state" role="alert">
        <p>{explain(i18n, error.value)}</p>
        <Button size="sm" onClick={() => void state.conversations.load()}>
          {i18n.t('action.retry')}
        </Button>
      </div>
    );
  }
  if (phase.value !== 'ready') {
    return (
      <div class="list-state" aria-busy="true">
        <Skeleton lines={5} />
      </div>
    );
  }
  return (
    <p class="list-state" role="status">
      {query.value === '' ? i18n.t('sidebar.empty') : i18n.t('sidebar.nothing', { query: query.value })}
    </p>
  );
}

/** Loads the next page when it comes into view. */
function MoreMarker() {
  const { state, i18n } = useApp();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void state.conversations.loadMore();
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  });
  return (
    <div ref={element} class="list-more">
      <Spinner label={i18n.t('sidebar.loadingMore')} />
    </div>
  );
}
