import { describe, expect, it } from 'vitest';
import { createToasts } from '../../../public/app/state/toasts.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const setup = () => {
  const toasts = createToasts({ clock: createFakeClock() });
  return { toasts, shown: () => toasts.entries.value.map(({ text }) => text) };
};
const undo = { label: 'Undo', onSelect: () => {} };

describe('toasts', () => {
  it('do not say the same thing twice at once', () => {
    const { toasts, shown } = setup();
    for (const text of ['No room', 'Copied', 'No room']) toasts.add({ text, tone: 'warning' });
    expect(shown()).toEqual(['Copied', 'No room']);
  });

  it('keep each offer to undo something, whatever its words, and one of a kind where they have a key', () => {
    const { toasts, shown } = setup();
    for (const text of ['“Tea” was deleted', '“Tea” was deleted']) toasts.add({ text, tone: 'info', action: undo });
    for (const text of ['Reload', 'Reload']) toasts.add({ text, tone: 'danger', action: undo, key: 'reload' });
    expect(shown()).toEqual(['“Tea” was deleted', '“Tea” was deleted', 'Reload']);
  });
});
