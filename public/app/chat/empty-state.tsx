import type { User } from '../../../src/protocol/shapes.ts';
import type { ProfileInfo } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Logo } from '../shell/logo.tsx';
import { focusComposer } from '../shell/use-shortcuts.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, type IconName, iconFrom } from '../ui/icon.tsx';
import { AuthorMark } from './author-mark.tsx';
import { ProfileChips } from './profile-chips.tsx';

interface EmptyStateProps {
  readonly user: User;
  readonly text: { value: string };
}

/** The page of a new conversation: the profile's own, or a greeting, and what can be done here shown by doing it. */
export function EmptyState({ user, text }: EmptyStateProps) {
  const { state, i18n } = useApp();
  const profile = state.surface.profile(null);
  const demo = state.settings.info.value?.server.demo === true;
  const fill = (words: string) => {
    text.value = words;
    focusComposer();
  };
  return (
    <div class="empty">
      {profile === null ? <Welcome user={user} fill={fill} /> : <ProfileWelcome profile={profile} fill={fill} />}
      <ProfileChips />
      {demo ? (
        <p class="demo-note">
          <Icon name="info" size="sm" />
          <span>{i18n.t('empty.demo', { variable: 'GEMINI_API_KEY' })}</span>
        </p>
      ) : null}
    </div>
  );
}

interface Fill {
  readonly fill: (words: string) => void;
}

interface Lesson {
  readonly key: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Of the plugins: more would push the composer out of a small window. */
const mostOffered = 4;

/** Three starters, each of which teaches one thing: to ask, to show a picture, to use a command. */
function Welcome({ user, fill }: Fill & { readonly user: User }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const lessons: readonly Lesson[] = [
    { key: 'ask', icon: 'sparkle', run: () => fill(t('starter.ask.text')) },
    { key: 'picture', icon: 'image', run: () => document.getElementById('composer-files')?.click() },
    { key: 'commands', icon: 'command', run: () => fill('/') },
  ];
  const offered = state.plugins.starters.value.slice(0, mostOffered);
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
      {offered.length === 0 ? null : <Offered starters={offered} fill={fill} />}
    </>
  );
}

function ProfileWelcome({ profile, fill }: Fill & { readonly profile: ProfileInfo }) {
  const { i18n } = useApp();
  const { author, title, greeting, description, starters } = profile;
  const name = inWords(i18n, author?.name ?? title);
  const words = greeting ?? description;
  const avatar = author?.avatar;
  return (
    <>
      <span class="empty-mark">
        {avatar === undefined ? <Icon name={iconFrom(profile.icon, 'user')} size="lg" /> : <AuthorMark author={{ name, avatar }} />}
      </span>
      <h2 class="empty-title">
        <bdi>{inWords(i18n, title)}</bdi>
      </h2>
      {words === undefined ? null : (
        <div class="empty-greeting">
          <Markdown source={inWords(i18n, words)} streaming={false} />
        </div>
      )}
      {starters.length === 0 ? null : <Offered starters={starters} fill={fill} />}
    </>
  );
}

type Starters = ProfileInfo['starters'];

/** What plugins suggest, by category where they name some. */
function Offered({ starters, fill }: Fill & { readonly starters: Starters }) {
  const { i18n } = useApp();
  const groups = new Map<string, Starters[number][]>();
  for (const starter of starters) {
    const category = starter.category === undefined ? '' : inWords(i18n, starter.category);
    groups.set(category, [...(groups.get(category) ?? []), starter]);
  }
  return (
    <div class="starter-groups">
      {[...groups].map(([category, own]) => (
        <section key={category} class="starter-group" aria-label={category === '' ? i18n.t('starter.offered') : category}>
          {category === '' ? null : (
            <h3 class="starter-category">
              <bdi>{category}</bdi>
            </h3>
          )}
          <ul class="starters">
            {own.map(({ title, text, icon }, index) => (
              <StarterCard
                key={index}
                icon={iconFrom(icon, 'wand')}
                title={inWords(i18n, title)}
                hint={inWords(i18n, text)}
                onChoose={() => fill(inWords(i18n, text))}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

interface StarterCardProps {
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
  readonly onChoose: () => void;
}

function StarterCard({ icon, title, hint, onChoose }: StarterCardProps) {
  return (
    <li>
      <button type="button" class="starter" onClick={onChoose}>
        <Icon name={icon} />
        <span class="starter-title">
          <bdi>{title}</bdi>
        </span>
        <span class="starter-hint">
          <bdi>{hint}</bdi>
        </span>
      </button>
    </li>
  );
}
