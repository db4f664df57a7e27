import '../../styles/page.css';
import '../../styles/library.css';
import { useEffect } from 'preact/hooks';
import type { Conversation } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { MoreMarker } from '../shell/more-marker.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { KeptRow, KeptState } from './kept-row.tsx';

/** Conversations that were put away: found by the search, but not in the side bar. */
export function ArchivePage() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { archived } = state.conversations;
  useEffect(() => void archived.load(), []);
  const items = archived.items.value;
  return (
    <div class="page-column page-narrow kept">
      <p class="page-lead">{t('archive.lead')}</p>
      {items.length === 0 ? (
        <KeptState
          list={{ loading: archived.phase.value !== 'ready', error: archived.error.value }}
          onRetry={() => void archived.load()}
          icon="archive"
          title={t('archive.empty')}
          hint={t('archive.emptyHint')}
        />
      ) : (
        <ul class="kept-rows">
          {items.map((conversation) => (
            <ArchivedRow key={conversation.id} conversation={conversation} />
          ))}
        </ul>
      )}
      {items.length > 0 && archived.hasMore.value ? <MoreMarker onSeen={() => void archived.loadMore()} /> : null}
    </div>
  );
}

function ArchivedRow({ conversation }: { readonly conversation: Conversation }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const title = conversation.title || t('conversation.untitled');
  return (
    <KeptRow
      title={title}
      href={`/c/${conversation.id}`}
      onOpen={() => state.router.go(conversation.id)}
      hint={t('archive.changed', { date: i18n.date(conversation.updatedAt, { dateStyle: 'medium' }) })}
    >
      <Button size="sm" onClick={() => actions.library.archive(conversation, false)}>
        {t('conversation.unarchive')}
      </Button>
      <IconButton
        icon="trash"
        size="sm"
        label={t('archive.delete', { title })}
        tooltipAlign="end"
        onClick={() => actions.remove(conversation)}
      />
    </KeptRow>
  );
}
