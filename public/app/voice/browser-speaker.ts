import type { Speaker } from './reader.ts';

/** The browser's own voices. A device without one for a language cannot read it. */
export function createBrowserSpeaker(synthesis: SpeechSynthesis): Speaker {
  /** Kept: Chrome forgets to tell of the end of an utterance that nobody holds. */
  let held: SpeechSynthesisUtterance | null = null;
  return {
    say(words, language, ended) {
      const voices = synthesis.getVoices();
      const base = language.toLowerCase().split('-')[0] ?? '';
      const fitting = voices.filter(({ lang }) => lang.toLowerCase().replace('_', '-').split('-')[0] === base);
      if (voices.length > 0 && fitting.length === 0) return false;
      const utterance = new SpeechSynthesisUtterance(words);
      utterance.lang = language;
      const exact = fitting.find(({ lang }) => lang.toLowerCase().replace('_', '-') === language.toLowerCase());
      utterance.voice = exact ?? fitting[0] ?? null;
      utterance.onend = () => held === utterance && ended(false);
      utterance.onerror = ({ error }) => held === utterance && ended(error !== 'interrupted' && error !== 'canceled');
      held = utterance;
      synthesis.speak(utterance);
      return true;
    },
    pause: () => synthesis.pause(),
    resume: () => synthesis.resume(),
    cancel() {
      held = null;
      synthesis.cancel();
      // A paused browser stays silent for the next one, too.
      synthesis.resume();
    },
  };
}

/** Chrome has its voices a moment after they were first asked for. */
export function whenVoicesAre(synthesis: SpeechSynthesis, run: () => void): () => void {
  if (synthesis.getVoices().length > 0) {
    run();
    return () => {};
  }
  const controller = new AbortController();
  const once = () => {
    controller.abort();
    clearTimeout(timer);
    run();
  };
  const timer = setTimeout(once, 800);
  synthesis.addEventListener('voiceschanged', once, { signal: controller.signal });
  return () => {
    controller.abort();
    clearTimeout(timer);
  };
}
