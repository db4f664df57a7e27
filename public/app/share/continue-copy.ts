import type { Conversation } from '../../../src/protocol/shapes.ts';
import type { App } from '../app-context.ts';
import { loadPageWords } from '../languages.ts';
import type { Rest } from '../state/rest.ts';

/** Makes a shared copy a conversation of whoever is signed in. @throws RequestError */
export async function copyShared(rest: Rest, sharedId: string): Promise<Conversation> {
  return (await rest.post<{ conversation: Conversation }>(`/api/shared/${sharedId}/copy`)).conversation;
}

/** After the sign-in that was asked for: opens the copy. */
export async function continueShared({ state, i18n, toasts, actions }: App, sharedId: string): Promise<void> {
  try {
    const [conversation] = await Promise.all([copyShared(state.rest, sharedId), i18n.extend(loadPageWords)]);
    state.conversations.upsert(conversation);
    state.router.go(conversation.id, 'replace');
    toasts.add({ text: i18n.t('shared.continued'), tone: 'success' });
  } catch (cause) {
    actions.fail(cause);
  }
}
