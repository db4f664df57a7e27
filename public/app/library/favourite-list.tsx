import type { Favourite } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { MoreMarker } from '../shell/more-marker.tsx';
import type { Favourites } from '../state/favourites.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { KeptState } from './kept-row.tsx';
import { useInsertText } from './use-insert-prompt.ts';

/** Messages with a star: to be used again, or to go back to. */
export function FavouriteList({ favourites }: { readonly favourites: Favourites }) {
  const { t } = useApp().i18n;
  const { items, phase, error, nextCursor } = favourites.list.view.value;
  if (items.length === 0) {
    return (
      <KeptState
        list={{ loading: phase === 'loading', error }}
        onRetry={() => void favourites.list.load()}
        icon="star"
        title={t('favourites.empty')}
        hint={t('favourites.emptyHint')}
      />
    );
  }
  return (
    <>
      <ul class="prompt-rows">
        {items.map((favourite) => (
          <FavouriteRow key={favourite.messageId} favourite={favourite} favourites={favourites} />
        ))}
      </ul>
      {nextCursor === null ? null : <MoreMarker onSeen={() => void favourites.list.loadMore()} />}
    </>
  );
}

function FavouriteRow({ favourite, favourites }: { readonly favourite: Favourite; readonly favourites: Favourites }) {
  const { i18n, actions, dialogs, toasts } = useApp();
  const { t } = i18n;
  const insert = useInsertText();
  const { text, conversationId, messageId, createdAt } = favourite;
  const label = t('favourites.actions');
  const open = () => {
    dialogs.close();
    actions.openAt(conversationId, messageId);
  };
  const remove = () =>
    void favourites
      .remove(favourite)
      .then(() =>
        toasts.add({
          text: t('favourites.removed'),
          tone: 'info',
          action: { label: t('action.undo'), onSelect: () => void favourites.keep(favourite).catch(actions.fail) },
        }),
      )
      .catch(actions.fail);
  return (
    <li class="prompt-row">
      <button type="button" class="prompt-use" onClick={() => insert(text)}>
        <span class="prompt-text page-side" dir="auto" data-lines="3">
          {text}
        </span>
        <span class="kept-hint">{i18n.date(createdAt, { dateStyle: 'medium' })}</span>
      </button>
      <Menu
        label={label}
        align="end"
        items={() => [
          { id: 'open', label: t('favourites.open'), icon: 'chat', onSelect: open },
          {
            ...{ id: 'prompt', label: t('favourites.toPrompt'), icon: 'book' },
            onSelect: () => {
              // A dialog of the same name keeps its state: it has to go first.
              dialogs.close();
              requestAnimationFrame(() => dialogs.open({ name: 'prompts', text }));
            },
          },
          { id: 'remove', label: t('favourites.remove'), icon: 'trash', danger: true, onSelect: remove },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" size="sm" label={label} tooltip="none" />}
      />
    </li>
  );
}
