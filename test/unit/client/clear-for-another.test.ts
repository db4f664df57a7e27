import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { clearForAnother } from '../../../public/app/state/clear-for-another.ts';
import { createDialogs } from '../../../public/app/state/dialogs.ts';
import type { SessionState } from '../../../public/app/state/session.ts';
import { createToasts } from '../../../public/app/state/toasts.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const person = (id: string): SessionState => ({ state: 'signed-in', user: { id, name: id, email: `${id}@example.org`, role: 'user' } });

/** A page of Ada with a dialog, a toast and an upload of hers. */
function setup() {
  const value = signal<SessionState>(person('ada'));
  const dialogs = createDialogs();
  const toasts = createToasts({ clock: createFakeClock() });
  const held = { uploads: 1 };
  const uploads = {
    clear: () => {
      held.uploads = 0;
    },
  };
  clearForAnother({ session: { value }, uploads, dialogs, toasts });
  dialogs.open({ name: 'prompts', text: 'what Ada wrote' });
  toasts.add({ text: '“Ada’s secret” was deleted', tone: 'info' });
  const left = () => ({ dialog: dialogs.current.value, toasts: toasts.entries.value.length, uploads: held.uploads });
  return { value, left };
}

const nothing = { dialog: null, toasts: 0, uploads: 0 };

describe('the page when another person comes', () => {
  it('shows the next person no dialog, toast or upload of the one before', () => {
    const { value, left } = setup();
    value.value = { state: 'anonymous', ended: true };
    value.value = person('bob');
    expect(left()).toEqual(nothing);
  });

  it('is empty as soon as the person signs out', () => {
    const { value, left } = setup();
    value.value = { state: 'anonymous', ended: false };
    expect(left()).toEqual(nothing);
  });

  it('gives everything back to who was signed out by the server and comes again', () => {
    const { value, left } = setup();
    value.value = { state: 'anonymous', ended: true };
    value.value = person('ada');
    expect(left()).toMatchObject({ dialog: { text: 'what Ada wrote' }, toasts: 1, uploads: 1 });
  });
});
