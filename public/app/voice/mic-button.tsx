import type { Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { createLocalStore } from '../browser/local-store.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { createSpeechInput, type Recognizer } from './speech-input.ts';
import { spokenLanguage } from './speech-language.ts';

type OpenRecognizer = new () => Recognizer;

/** Some browsers have it under the name that it had before it was a standard. */
function findRecognizer(): OpenRecognizer | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- names that TypeScript does not know; each may be absent
  const names = window as { SpeechRecognition?: OpenRecognizer; webkitSpeechRecognition?: OpenRecognizer };
  return names.SpeechRecognition ?? names.webkitSpeechRecognition ?? null;
}

/** Held for longer, the button listens while it is held; a short press turns it on and the next one off. */
const holdMs = 400;
const toldKey = 'jarvis.voice.told';

/** Speaking instead of typing; not there where the browser cannot listen. */
export function MicButton({ text }: { readonly text: Signal<string> }) {
  const Recognition = useMemo(findRecognizer, []);
  return Recognition === null ? null : <Mic text={text} open={() => new Recognition()} />;
}

function Mic({ text, open }: { readonly text: Signal<string>; readonly open: () => Recognizer }) {
  const { i18n, toasts } = useApp();
  const { t } = i18n;
  const pressed = useRef<{ readonly at: number; readonly was: boolean } | null>(null);
  const input = useMemo(
    () =>
      createSpeechInput({
        open,
        read: () => text.peek(),
        write: (words) => {
          text.value = words;
        },
        onProblem: (problem) => toasts.add({ text: i18n.t(`voice.problem.${problem}`), tone: 'warning' }),
      }),
    [],
  );
  useEffect(() => () => input.cancel(), []);
  const listening = input.state.value !== 'idle';
  // What was sent ends the listening: the next words would stand in a message of their own.
  const empty = text.value === '';
  useEffect(() => {
    if (empty && input.state.peek() === 'listening') input.cancel();
  }, [empty]);

  const start = () => {
    const store = createLocalStore(() => localStorage);
    if (store.get(toldKey) === null) {
      store.set(toldKey, '1');
      toasts.add({ text: t('voice.told'), tone: 'info' });
    }
    // Phones end at a pause anyway, and say things twice when they are told not to.
    input.start(spokenLanguage(i18n.locale.peek(), navigator.languages), !matchMedia('(pointer: coarse)').matches);
  };
  return (
    <>
      <IconButton
        icon="mic"
        class="mic"
        label={t(listening ? 'voice.stopListening' : 'voice.speak')}
        pressed={listening}
        tooltipAlign="end"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          pressed.current = { at: event.timeStamp, was: listening };
          if (!listening) start();
        }}
        onPointerUp={(event) => {
          if (pressed.current !== null && !pressed.current.was && event.timeStamp - pressed.current.at > holdMs) input.stop();
        }}
        onPointerCancel={() => input.stop()}
        onContextMenu={(event) => event.preventDefault()}
        onClick={() => {
          // By pointer it was done already, but for the end of what was on before.
          const by = pressed.current;
          pressed.current = null;
          if (by === null) {
            if (listening) input.stop();
            else start();
          } else if (by.was) input.stop();
        }}
      />
      <span class="visually-hidden" role="status">
        {input.state.value === 'listening' ? t('voice.listening') : ''}
      </span>
    </>
  );
}
