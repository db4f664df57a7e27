import type { Prompt } from '../../../src/protocol/library-shapes.ts';
import { useApp } from '../app-context.ts';
import { variablesOf } from '../state/prompts.ts';

/** Puts a prompt into the composer; one with variables asks for them first. */
export function useInsertPrompt(): (prompt: Prompt) => void {
  const { dialogs } = useApp();
  const insert = useInsertText();
  return (prompt) => {
    if (variablesOf(prompt.text).length > 0) dialogs.open({ name: 'prompts', use: prompt });
    else insert(prompt.text);
  };
}

/** Puts words into the composer, from whatever page. */
export function useInsertText(): (text: string) => void {
  const { state, dialogs } = useApp();
  return (text) => {
    dialogs.close();
    if (state.router.route.peek().page !== 'chat') state.router.leave();
    // The dialog that closes gives the focus back first.
    requestAnimationFrame(() => state.composing.insert(text));
  };
}
