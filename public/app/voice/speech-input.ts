import { type ReadonlySignal, signal } from '@preact/signals';

/** What this page uses of the browser's SpeechRecognition, which TypeScript does not know. */
export interface Recognizer {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onstart: (() => void) | null;
  onresult: ((event: { readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }>> }) => void) | null;
  onerror: ((event: { readonly error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
  abort(): void;
}

export type VoiceProblem = 'denied' | 'silence' | 'microphone' | 'network' | 'language' | 'unknown';

export interface SpeechInputDeps {
  readonly open: () => Recognizer;
  readonly read: () => string;
  readonly write: (text: string) => void;
  readonly onProblem: (problem: VoiceProblem) => void;
}

export interface SpeechInput {
  readonly state: ReadonlySignal<'idle' | 'starting' | 'listening'>;
  /** @param continuous goes on over pauses, until it is stopped */
  start(language: string, continuous: boolean): void;
  /** Takes in what was said last, then ends. */
  stop(): void;
  /** Ends at once. */
  cancel(): void;
}

const problems: Readonly<Record<string, VoiceProblem>> = {
  'not-allowed': 'denied',
  'service-not-allowed': 'denied',
  'no-speech': 'silence',
  'audio-capture': 'microphone',
  network: 'network',
  'language-not-supported': 'language',
};

/** Writes what is spoken behind what is written. Whoever types meanwhile has the last word: what was said before stays as they left it. */
export function createSpeechInput(deps: SpeechInputDeps): SpeechInput {
  const state = signal<'idle' | 'starting' | 'listening'>('idle');
  let current: Recognizer | null = null;
  let base = '';
  let written = '';
  /** Results that stand in `base` already. */
  let skipped = 0;

  function take(results: ArrayLike<ArrayLike<{ readonly transcript: string }>>): void {
    if (deps.read() !== written) {
      base = deps.read();
      skipped = results.length - 1;
    }
    const said = Array.from(results)
      .slice(skipped)
      .map((result) => result[0]?.transcript.trim() ?? '')
      .filter((words) => words !== '')
      .join(' ');
    written = said === '' || base === '' || /\s$/.test(base) ? base + said : `${base} ${said}`;
    deps.write(written);
  }

  function end(recognizer: Recognizer): void {
    if (current !== recognizer) return;
    current = null;
    state.value = 'idle';
  }

  return {
    state,
    start(language, continuous) {
      if (current !== null) return;
      const recognizer = deps.open();
      current = recognizer;
      base = deps.read();
      written = base;
      skipped = 0;
      state.value = 'starting';
      Object.assign(recognizer, { lang: language, continuous, interimResults: true });
      recognizer.onstart = () => {
        if (current === recognizer) state.value = 'listening';
      };
      recognizer.onresult = (event) => {
        if (current === recognizer) take(event.results);
      };
      recognizer.onerror = ({ error }) => {
        if (current === recognizer && error !== 'aborted') deps.onProblem(problems[error] ?? 'unknown');
      };
      recognizer.onend = () => end(recognizer);
      try {
        recognizer.start();
      } catch {
        end(recognizer);
        deps.onProblem('unknown');
      }
    },
    stop: () => current?.stop(),
    cancel() {
      const recognizer = current;
      if (recognizer === null) return;
      end(recognizer);
      recognizer.abort();
    },
  };
}
