import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Logo } from '../shell/logo.tsx';
import { EmptyExtras, ProfileWelcome } from '../shell/surface-slots.tsx';
import { focusComposer } from '../shell/use-shortcuts.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { StarterCard } from './starter-card.tsx';

interface EmptyStateProps {
  readonly user: User;
  readonly text: { value: string };
}

/** The page of a new conversation: the profile's own, or a greeting, and what can be done here shown by doing it. */
export function EmptyState({ user, text }: EmptyStateProps) {
  const { state, i18n } = useApp();
  const profile = state.surface.profile(null);
  const offered = profile === null ? state.plugins.starters.value : [];
  const demo = state.settings.info.value?.server.demo === true;
  const fill = (words: string) => {
    text.value = words;
    focusComposer();
  };
  return (
    <div class="empty">
      {profile === null ? <Welcome user={user} fill={fill} /> : <ProfileWelcome profile={profile} fill={fill} />}
      {offered.length + state.surface.info.value.profiles.length > 0 ? <EmptyExtras starters={offered} fill={fill} /> : null}
      {demo ? (
        <p class="demo-note">
          <Icon name="info" size="sm" />
          <span>{i18n.t('empty.demo', { variable: 'GEMINI_API_KEY' })}</span>
        </p>
      ) : null}
    </div>
  );
}

interface Lesson {
  readonly key: string;
  readonly icon: IconName;
  readonly run: () => void;
}

interface WelcomeProps {
  readonly user: User;
  readonly fill: (words: string) => void;
}

/** Three starters, each of which teaches one thing: to ask, to show a picture, to use a command. */
function Welcome({ user, fill }: WelcomeProps) {
  const { t } = useApp().i18n;
  const lessons: readonly Lesson[] = [
    { key: 'ask', icon: 'sparkle', run: () => fill(t('starter.ask.text')) },
    { key: 'picture', icon: 'image', run: () => document.getElementById('composer-files')?.click() },
    { key: 'commands', icon: 'command', run: () => fill('/') },
  ];
  return (
    <>
      <Logo size="lg" />
      <h2 class="empty-title">{t('empty.greeting', { name: user.name })}</h2>
      <p class="empty-lead">{t('empty.lead')}</p>
      <ul class="starters" data-count={lessons.length}>
        {lessons.map(({ key, icon, run }) => (
          <StarterCard key={key} icon={icon} title={t(`starter.${key}`)} hint={t(`starter.${key}.hint`)} onChoose={run} />
        ))}
      </ul>
    </>
  );
}
