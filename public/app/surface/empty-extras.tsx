import '../../styles/surface.css';
import type { ProfileInfo } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { AuthorMark } from '../chat/author-mark.tsx';
import { StarterCard } from '../chat/starter-card.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { inWords } from '../state/plugin-words.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { ProfileChips } from './profile-chips.tsx';

interface Fill {
  readonly fill: (words: string) => void;
}

type Starters = ProfileInfo['starters'];

/** Of the plugins: more would push the composer out of a small window. */
const mostOffered = 4;

/** On the empty page below what greets: what plugins suggest, and with whom else the conversation could be. */
export function EmptyExtras({ starters, fill }: Fill & { readonly starters: Starters }) {
  return (
    <>
      {starters.length === 0 ? null : <Offered starters={starters.slice(0, mostOffered)} fill={fill} />}
      <ProfileChips />
    </>
  );
}

/** What a profile says on the empty page. */
export function ProfileWelcome({ profile, fill }: Fill & { readonly profile: ProfileInfo }) {
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
