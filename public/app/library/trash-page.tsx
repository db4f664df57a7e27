import '../../styles/page.css';
import '../../styles/library.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Trashed } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { MoreMarker } from '../shell/more-marker.tsx';
import { createTrash, type Trash } from '../state/trash.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { KeptRow, KeptState } from './kept-row.tsx';

/** What was deleted: it can be taken back for some days, or be erased now. */
export function TrashPage() {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const trash = useMemo(() => createTrash(state), []);
  const [asked, setAsked] = useState<Trashed | 'all' | null>(null);
  useEffect(() => {
    void trash.list.load();
    return () => trash.list.stop();
  }, []);
  const { items, phase, error, nextCursor } = trash.list.view.value;
  return (
    <div class="page-column page-narrow kept">
      <div class="kept-head">
        <p class="page-lead">{t('trash.lead')}</p>
        {items.length === 0 ? null : (
          <Button size="sm" icon="trash" onClick={() => setAsked('all')}>
            {t('trash.emptyIt')}
          </Button>
        )}
      </div>
      {items.length === 0 ? (
        <KeptState
          list={{ loading: phase === 'loading', error }}
          onRetry={() => void trash.list.load()}
          icon="trash"
          title={t('trash.empty')}
          hint={t('trash.emptyHint')}
        />
      ) : (
        <ul class="kept-rows">
          {items.map((trashed) => (
            <TrashedRow key={trashed.id} trashed={trashed} trash={trash} onErase={() => setAsked(trashed)} />
          ))}
        </ul>
      )}
      {nextCursor === null ? null : <MoreMarker onSeen={() => void trash.list.loadMore()} />}
      <EraseDialog asked={asked} trash={trash} onClose={() => setAsked(null)} />
    </div>
  );
}

interface TrashedRowProps {
  readonly trashed: Trashed;
  readonly trash: Trash;
  readonly onErase: () => void;
}

const dayMs = 86_400_000;

function TrashedRow({ trashed, trash, onErase }: TrashedRowProps) {
  const { state, i18n, actions, toasts } = useApp();
  const { t } = i18n;
  const title = trashed.title || t('conversation.untitled');
  const days = Math.max(0, Math.ceil((Date.parse(trashed.goneAt) - state.clock.now()) / dayMs));
  const restore = () =>
    void trash
      .restore(trashed)
      .then(() =>
        toasts.add({
          text: t('trash.restored', { title }),
          tone: 'success',
          action: { label: t('action.open'), onSelect: () => state.router.go(trashed.id) },
        }),
      )
      .catch(actions.fail);
  return (
    <KeptRow
      title={title}
      hint={`${t('trash.deletedOn', { date: i18n.date(trashed.deletedAt, { dateStyle: 'medium' }) })} · ${t('trash.daysLeft', { count: days })}`}
    >
      <Button size="sm" icon="undo" onClick={restore}>
        {t('action.restore')}
      </Button>
      <IconButton icon="trash" size="sm" label={t('trash.erase', { title })} tooltipAlign="end" onClick={onErase} />
    </KeptRow>
  );
}

interface EraseDialogProps {
  readonly asked: Trashed | 'all' | null;
  readonly trash: Trash;
  readonly onClose: () => void;
}

function EraseDialog({ asked, trash, onClose }: EraseDialogProps) {
  const { i18n, actions } = useApp();
  const { t } = i18n;
  const erase = () => {
    onClose();
    if (asked !== null) (asked === 'all' ? trash.empty() : trash.erase(asked)).catch(actions.fail);
  };
  const title = asked === null || asked === 'all' ? '' : asked.title || t('conversation.untitled');
  return (
    <ConfirmDialog
      open={asked !== null}
      onClose={onClose}
      onConfirm={erase}
      title={asked === 'all' ? t('trash.emptyTitle') : t('trash.eraseTitle')}
      confirmLabel={asked === 'all' ? t('trash.emptyIt') : t('trash.eraseIt')}
      cancelLabel={t('action.cancel')}
      closeLabel={t('action.close')}
      danger
    >
      <p>{asked === 'all' ? t('trash.emptyAsk') : t('trash.eraseAsk', { title })}</p>
    </ConfirmDialog>
  );
}
