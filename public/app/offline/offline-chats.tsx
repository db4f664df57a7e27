import '../../styles/offline.css';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { moment } from '../state/amounts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { createBrowserChatShelf } from './browser-chat-shelf.ts';
import type { KeptChat } from './kept-chat.ts';

/** Without a connection: the chats that are kept in this browser, to be read. */
export function OfflineChats() {
  const { i18n } = useApp();
  const { t } = i18n;
  const chats = useKeptChats();
  const [shown, setShown] = useState<string | null>(null);
  if (chats === null) return null;
  if (chats.length === 0) return <p class="offline-none">{t('offline.none')}</p>;
  const chat = chats.find(({ id }) => id === shown);
  if (chat !== undefined) return <Reading chat={chat} onBack={() => setShown(null)} />;
  return (
    <section class="offline" aria-labelledby="offline-title">
      <h1 id="offline-title" class="offline-title">
        {t('offline.title')}
      </h1>
      <p class="offline-lead">{t('offline.lead')}</p>
      <ul class="offline-list">
        {chats.map(({ id, title, updatedAt }) => (
          <li key={id}>
            <button type="button" class="offline-row" onClick={() => setShown(id)}>
              <span class="offline-name">
                <bdi>{title || t('conversation.untitled')}</bdi>
              </span>
              <time dateTime={updatedAt}>{moment(i18n, updatedAt)}</time>
              <Icon name="chevron-right" size="sm" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reading({ chat, onBack }: { readonly chat: KeptChat; readonly onBack: () => void }) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <article class="offline" aria-labelledby="offline-title">
      <header class="offline-head">
        <Button size="sm" variant="ghost" icon="chevron-left" onClick={onBack}>
          {t('offline.back')}
        </Button>
        <h1 id="offline-title" class="offline-title" dir="auto">
          {chat.title || t('conversation.untitled')}
        </h1>
        <p class="offline-lead">{t(chat.cut ? 'offline.cut' : 'offline.readOnly')}</p>
      </header>
      {chat.messages.map(({ id, role, text }) =>
        role === 'user' ? (
          <div key={id} class="message" data-role="user" role="group" aria-label={t('message.yours')}>
            <div class="bubble" dir="auto">
              {text}
            </div>
          </div>
        ) : (
          <div key={id} class="answer-text" role="group" aria-label={t('message.answer')}>
            <Markdown source={text} streaming={false} />
          </div>
        ),
      )}
    </article>
  );
}

/** Null while they are looked for. */
function useKeptChats(): readonly KeptChat[] | null {
  const [chats, setChats] = useState<readonly KeptChat[] | null>(null);
  useEffect(() => {
    let here = true;
    const show = (found: readonly KeptChat[]) => here && setChats(found);
    if (!('indexedDB' in window)) show([]);
    else
      createBrowserChatShelf(indexedDB)
        .all()
        .then(show, () => show([]));
    return () => {
      here = false;
    };
  }, []);
  return chats;
}
