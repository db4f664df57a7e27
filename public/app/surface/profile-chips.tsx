import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';

/** On the empty page: with whom the conversation could be instead. */
export function ProfileChips() {
  const { state, i18n, actions } = useApp();
  const { profiles } = state.surface.info.value;
  const chosen = state.surface.profile(null);
  if (profiles.length === 0) return null;
  const begin = (id: string) => void state.surface.begin(id).then((conversation) => state.router.go(conversation), actions.fail);
  return (
    <div class="profile-chips" role="group" aria-label={i18n.t('profile.choose')}>
      <button type="button" class="profile-chip" aria-pressed={chosen === null} onClick={() => state.surface.choose(null)}>
        <Icon name="sparkle" size="sm" />
        {i18n.t('profile.none')}
      </button>
      {profiles.map(({ id, title, icon, speaksFirst }) => (
        <button
          key={id}
          type="button"
          class="profile-chip"
          aria-pressed={speaksFirst === true ? undefined : id === chosen?.id}
          onClick={() => (speaksFirst === true ? begin(id) : state.surface.choose(id))}
        >
          <Icon name={iconFrom(icon, 'user')} size="sm" />
          <bdi>{inWords(i18n, title)}</bdi>
        </button>
      ))}
    </div>
  );
}
