import type { FoundConversation } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { plainSnippet } from '../state/plain-snippet.ts';
import { Icon } from '../ui/icon.tsx';
import { RowFrame } from './conversation-row.tsx';
import { ListState } from './list-state.tsx';
import { Marked } from './marked.tsx';
import { MoreMarker } from './more-marker.tsx';

/** What a search found: titles and the words around the hit; each opens its conversation at the message. */
export function FoundList() {
  const { state, i18n } = useApp();
  const { found } = state.conversations;
  const items = found.items.value;
  const { conversationId } = state.router.route.value;
  const running = state.generations.running.value;
  if (items.length === 0) {
    return <ListState list={found} onRetry={() => found.retry()} empty={i18n.t('sidebar.nothing', { query: found.query.value })} />;
  }
  return (
    <section aria-labelledby="group-found" aria-busy={found.phase.value === 'loading'}>
      <h2 class="conversation-group" id="group-found">
        <span role="status">{i18n.t(found.hasMore.value ? 'sidebar.foundMore' : 'sidebar.found', { count: items.length })}</span>
      </h2>
      <ul class="conversation-rows">
        {items.map((one) => (
          <FoundRow key={one.id} found={one} shown={one.id === conversationId} running={running.has(one.id)} />
        ))}
      </ul>
      {found.hasMore.value ? <MoreMarker onSeen={() => void found.loadMore()} /> : null}
    </section>
  );
}

interface FoundRowProps {
  readonly found: FoundConversation;
  readonly shown: boolean;
  readonly running: boolean;
}

function FoundRow({ found, shown, running }: FoundRowProps) {
  const { state, i18n, actions } = useApp();
  const { id, title, titleHighlights, snippet, highlights, messageId, archived } = found;
  const words = plainSnippet(snippet ?? '', highlights ?? []);
  const open = () => (messageId === undefined ? state.router.go(id) : actions.openAt(id, messageId));
  return (
    <RowFrame conversation={found} shown={shown} running={running} onOpen={open}>
      <span class="found-words">
        <span class="found-title">
          <span class="conversation-title page-side" dir="auto">
            {title === '' ? i18n.t('conversation.untitled') : <Marked text={title} ranges={titleHighlights} />}
          </span>
          {archived ? (
            <span class="found-archived" title={i18n.t('archive.title')}>
              <Icon name="archive" size="sm" />
              <span class="visually-hidden">{i18n.t('archive.title')}</span>
            </span>
          ) : null}
        </span>
        {snippet === undefined ? null : (
          <span class="found-snippet page-side" dir="auto">
            <Marked text={words.text} ranges={words.ranges} />
          </span>
        )}
      </span>
    </RowFrame>
  );
}
