import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { textOf } from './message-parts.ts';
import { endWords, sentenceEnd, spokenText } from './spoken-text.ts';

const pauseMs = 1500;

/** Tells assistive tools the answer sentence by sentence, not token by token. */
export function Announcer({ conversationId }: { readonly conversationId: string | null }) {
  const { state, i18n } = useApp();
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (conversationId === null) return;
    let told = { id: '', length: 0 };
    let timer: ReturnType<typeof setTimeout> | null = null;
    const say = (words: string) => {
      if (region.current !== null && words !== '') region.current.textContent = words;
    };
    const tell = () => {
      timer = null;
      const message = state.messages.thread(conversationId)?.message(told.id)?.peek();
      if (message === undefined) return;
      const text = textOf(message.parts);
      const done = message.status !== 'streaming';
      const end = done ? text.length : sentenceEnd(text, told.length);
      const key = done ? endWords(message) : null;
      const last = key === null ? '' : i18n.t(key, { reason: message.finishReason ?? '' });
      say(`${spokenText(text.slice(told.length, end))} ${last}`.trim());
      told = done ? { id: '', length: 0 } : { ...told, length: end };
    };
    const stop = effect(() => {
      const running = state.generations.running.value.get(conversationId);
      const id = running?.messageId ?? told.id;
      if (id === '') return;
      if (id !== told.id) told = { id, length: 0 };
      void state.messages.thread(conversationId)?.message(id)?.value;
      timer ??= setTimeout(tell, pauseMs);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [conversationId]);
  return <div ref={region} class="visually-hidden" aria-live="polite" />;
}
