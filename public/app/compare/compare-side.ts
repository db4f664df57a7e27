import { useApp } from '../app-context.ts';
import type { Thread } from '../state/thread.ts';

/** What one side shows: an answer that is there, one that was asked for, or the choice of what to ask for. */
export type Side =
  | { readonly kind: 'version'; readonly id: string }
  | { readonly kind: 'asked'; readonly clientMessageId: string; readonly model: string }
  | { readonly kind: 'open' };

export type SideChoice = { readonly kind: 'version'; readonly id: string } | { readonly kind: 'model'; readonly model: string };

/** @param ask sends the question to a model; answers the id of the wish, or null when it was not taken */
export function sideFrom(choice: SideChoice, ask: (model: string) => string | null): Side | null {
  if (choice.kind === 'version') return choice;
  const clientMessageId = ask(choice.model);
  return clientMessageId === null ? null : { kind: 'asked', clientMessageId, model: choice.model };
}

/** A short name for a side: its model, and which version it is where one model answered more than once. */
export function useSideName(thread: Thread): (side: Side, short?: boolean) => string {
  const { state, i18n } = useApp();
  const models = state.settings.info.value?.models ?? [];
  const label = (model: string | undefined) => models.find(({ id }) => id === model)?.label ?? model ?? i18n.t('message.answer');
  return (side, short = false) => {
    if (side.kind === 'open') return i18n.t('compare.open');
    if (side.kind === 'asked') return label(side.model);
    const siblings = thread.siblings(side.id);
    const name = label(thread.message(side.id)?.value.model);
    return short || siblings.length < 2 ? name : i18n.t('compare.version', { model: name, index: siblings.indexOf(side.id) + 1 });
  };
}
