import type { ProfileInfo } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { plainWords } from './plain-words.ts';

export interface ProfilePickerProps {
  readonly conversationId: string | null;
}

/** With whom the next conversation is. In one that has begun it is settled: another choice begins a new one. */
export function ProfilePicker({ conversationId }: ProfilePickerProps) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const { profiles } = state.surface.info.value;
  const chosen = state.surface.profile(conversationId);
  if (profiles.length === 0) return null;
  const choose = (profile: ProfileInfo | null) => {
    if (profile?.speaksFirst === true) {
      void state.surface.begin(profile.id).then((id) => state.router.go(id), actions.fail);
      return;
    }
    state.surface.choose(profile?.id ?? null);
    state.router.go(null);
  };
  const label = t('profile.choose');
  const value = chosen === null ? t('profile.none') : inWords(i18n, chosen.title);
  return (
    <Menu
      label={label}
      align="start"
      items={[
        {
          id: '',
          label: t('profile.none'),
          hint: t('profile.noneHint'),
          icon: 'sparkle',
          checked: chosen === null,
          onSelect: () => choose(null),
        },
        ...profiles.map((profile) => ({
          id: profile.id,
          label: inWords(i18n, profile.title),
          icon: iconFrom(profile.icon, 'user'),
          checked: profile.id === chosen?.id,
          ...(profile.description === undefined ? {} : { hint: plainWords(inWords(i18n, profile.description)) }),
          onSelect: () => choose(profile),
        })),
      ]}
      trigger={(menu) => (
        <button type="button" {...menu} class="picker profile-picker" aria-label={`${label}: ${value}`} title={label}>
          <Icon name={chosen === null ? 'sparkle' : iconFrom(chosen.icon, 'user')} size="sm" />
          <bdi class="picker-value">{value}</bdi>
          <Icon name="chevron-down" size="sm" />
        </button>
      )}
    />
  );
}
