import { type ReadonlySignal, signal } from '@preact/signals';

/** What the reader needs of the browser's speech. */
export interface Speaker {
  /** Says one sentence. `ended` is called once, also after a failure. @returns false where there is no voice for that language */
  say(words: string, language: string, ended: (failed: boolean) => void): boolean;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export interface ReaderDeps {
  readonly speaker: Speaker;
  /** All sentences that are there now. */
  readonly sentences: () => readonly string[];
  /** More may come. */
  readonly growing: () => boolean;
  readonly languageOf: (sentence: string) => string;
  readonly onEnd: (why: 'done' | 'failed' | 'no-voice', language: string) => void;
}

export interface Reader {
  readonly paused: ReadonlySignal<boolean>;
  start(): void;
  /** The text has grown or ended: goes on where it had to wait. */
  look(): void;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Reads sentence after sentence, and follows an answer that is still being written. */
export function createReader(deps: ReaderDeps): Reader {
  const paused = signal(false);
  let next = 0;
  let speaking = false;
  let over = false;

  function end(why: 'done' | 'failed' | 'no-voice', language = ''): void {
    if (over) return;
    over = true;
    deps.speaker.cancel();
    deps.onEnd(why, language);
  }

  function advance(): void {
    if (over || speaking) return;
    const sentence = deps.sentences()[next];
    if (sentence === undefined) {
      if (!deps.growing()) end('done');
      return;
    }
    const language = deps.languageOf(sentence);
    next += 1;
    speaking = true;
    const said = deps.speaker.say(sentence, language, (failed) => {
      speaking = false;
      if (failed) end('failed');
      else advance();
    });
    if (!said) end('no-voice', language);
  }

  return {
    paused,
    start: advance,
    look: advance,
    pause() {
      paused.value = true;
      deps.speaker.pause();
    },
    resume() {
      paused.value = false;
      deps.speaker.resume();
    },
    stop() {
      over = true;
      deps.speaker.cancel();
    },
  };
}
