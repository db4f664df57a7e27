import { useApp } from '../app-context.ts';
import type { ConversationView } from '../state/conversation-view.ts';
import { ListState } from './list-state.tsx';
import { MoreMarker } from './more-marker.tsx';

/** Below the rows: more of them come when they are near, or a page of them failed. An empty list says so by itself. */
export function ListEnd({ view }: { readonly view: ConversationView }) {
  const { i18n } = useApp();
  const { hasMore, error, items } = view;
  if (items.value.length === 0) return null;
  if (error.value !== null) {
    const again = () => void (hasMore.peek() ? view.loadMore() : view.load());
    return <ListState list={view} onRetry={again} empty={i18n.t('sidebar.empty')} />;
  }
  return hasMore.value ? <MoreMarker onSeen={() => void view.loadMore()} /> : null;
}
