import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { textOf } from '../chat/message-parts.ts';
import type { ReadMessage } from '../state/reading.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { createBrowserSpeaker, whenVoicesAre } from './browser-speaker.ts';
import { readSentences } from './read-sentences.ts';
import { createReader, type Reader } from './reader.ts';
import { writtenLanguage } from './speech-language.ts';

/** How often a text that grows is looked at while the reader waits for it. */
const lookMs = 400;

/** Reads the chosen message and shows how to pause and to stop it. */
export function ReadAloud() {
  const { reading } = useApp();
  const current = reading.current.value;
  useEffect(() => () => reading.stop(), []);
  return current === null ? null : <Player key={`${current.conversationId}/${current.messageId}`} target={current} />;
}

function Player({ target }: { readonly target: ReadMessage }) {
  const { i18n, reading } = useApp();
  const { t } = i18n;
  const reader = useReader(target);
  const paused = reader.value?.paused.value === true;
  return (
    <div class="read-aloud" role="group" aria-label={t('voice.reading')}>
      <Icon name="speaker" size="sm" />
      <span role="status">{t(paused ? 'voice.paused' : 'voice.reading')}</span>
      <IconButton
        icon={paused ? 'chevron-right' : 'pause'}
        size="sm"
        label={t(paused ? 'voice.resume' : 'voice.pause')}
        onClick={() => (paused ? reader.value?.resume() : reader.value?.pause())}
      />
      <IconButton icon="stop" size="sm" label={t('voice.stop')} tooltipAlign="end" onClick={() => reading.stop()} />
    </div>
  );
}

function useReader({ conversationId, messageId }: ReadMessage) {
  const { state, i18n, reading, toasts } = useApp();
  const shown = useSignal<Reader | null>(null);
  const message = useRef(state.messages.thread(conversationId)?.message(messageId));
  useEffect(() => {
    const { speechSynthesis } = window;
    const read = message.current;
    const growing = () => read?.peek().status === 'streaming';
    const reader = createReader({
      speaker: createBrowserSpeaker(speechSynthesis),
      growing,
      sentences: () => (read === undefined ? [] : readSentences(textOf(read.peek().parts), !growing(), i18n.t('voice.code'))),
      languageOf: (sentence) => writtenLanguage(sentence, i18n.locale.peek(), navigator.languages),
      onEnd(why, language) {
        reading.stop();
        if (why === 'done') return;
        const name = language === '' ? '' : nameOf(language, i18n.locale.peek());
        toasts.add({ text: i18n.t(why === 'failed' ? 'voice.failed' : 'voice.noVoice', { language: name }), tone: 'warning' });
      },
    });
    shown.value = reader;
    const cancelWait = whenVoicesAre(speechSynthesis, () => reader.start());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopWatching = effect(() => {
      void read?.value;
      timer ??= setTimeout(() => {
        timer = undefined;
        reader.look();
      }, lookMs);
    });
    return () => {
      cancelWait();
      stopWatching();
      clearTimeout(timer);
      reader.stop();
    };
  }, []);
  return shown;
}

function nameOf(language: string, locale: string): string {
  return new Intl.DisplayNames([locale], { type: 'language' }).of(language.split('-')[0] ?? language) ?? language;
}
