import { effect, untracked } from '@preact/signals';
import type { Dialogs } from './dialogs.ts';
import type { Session } from './session.ts';
import type { Toasts } from './toasts.ts';

export interface ClearForAnotherDeps {
  readonly session: Pick<Session, 'value'>;
  readonly uploads: { clear(): void };
  readonly dialogs: Pick<Dialogs, 'close'>;
  readonly toasts: Pick<Toasts, 'entries' | 'dismiss'>;
}

/**
 * What one person attached, opened and was told stays theirs over an expired session too, until they sign out or somebody else
 * signs in here.
 */
export function clearForAnother({ session, uploads, dialogs, toasts }: ClearForAnotherDeps): void {
  let owner: string | null = null;
  const clear = () => {
    uploads.clear();
    dialogs.close();
    for (const { id } of toasts.entries.peek()) toasts.dismiss(id);
  };
  effect(() => {
    const now = session.value.value;
    if (now.state === 'checking') return;
    const userId = now.state === 'signed-in' ? now.user.id : null;
    // Who was signed out by the server may be back in a moment.
    if (userId === null && now.state === 'anonymous' && now.ended) return;
    if (owner !== null && owner !== userId) untracked(clear);
    owner = userId;
  });
}
