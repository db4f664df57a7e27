import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Logo } from '../shell/logo.tsx';
import { focusComposer } from '../shell/use-shortcuts.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

interface Starter {
  readonly key: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Of the plugins: more would push the composer out of a small window. */
const mostOffered = 4;

/** The page of a new conversation: a greeting, and what can be done here shown by doing it. */
export function EmptyState({ user, text }: { readonly user: User; readonly text: { value: string } }) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const demo = state.settings.info.value?.server.demo === true;
  const fill = (words: string) => {
    text.value = words;
    focusComposer();
  };
  const offered = state.plugins.starters.value.slice(0, mostOffered);
  const starters: readonly Starter[] = [
    { key: 'ask', icon: 'sparkle', run: () => fill(t('starter.ask.text')) },
    { key: 'write', icon: 'edit', run: () => fill(t('starter.write.text')) },
    { key: 'picture', icon: 'image', run: () => document.getElementById('composer-files')?.click() },
    { key: 'commands', icon: 'command', run: () => fill('/') },
  ];
  return (
    <div class="empty">
      <Logo size="lg" />
      <h2 class="empty-title">{t('empty.greeting', { name: user.name })}</h2>
      <p class="empty-lead">{t('empty.lead')}</p>
      <ul class="starters">
        {starters.map(({ key, icon, run }) => (
          <li key={key}>
            <button type="button" class="starter" onClick={run}>
              <Icon name={icon} />
              <span class="starter-title">{t(`starter.${key}`)}</span>
              <span class="starter-hint">{t(`starter.${key}.hint`)}</span>
            </button>
          </li>
        ))}
        {offered.map(({ title, text: words }, index) => (
          <li key={index} class="starter-offered">
            <button type="button" class="starter" onClick={() => fill(inWords(i18n, words))}>
              <Icon name="wand" />
              <span class="starter-title">{inWords(i18n, title)}</span>
              <span class="starter-hint">
                <bdi>{inWords(i18n, words)}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {demo ? (
        <p class="demo-note">
          <Icon name="info" size="sm" />
          <span>{t('empty.demo', { variable: 'GEMINI_API_KEY' })}</span>
        </p>
      ) : null}
    </div>
  );
}
