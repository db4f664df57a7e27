import { Icon, type IconName } from '../ui/icon.tsx';

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const names: Readonly<Record<string, string>> = apple
  ? { mod: '⌘', shift: '⇧', alt: '⌥', enter: '↩', escape: 'Esc' }
  : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter', escape: 'Esc' };

/** Arrows are drawn, as not every face has them; `in` and `out` lead along the line of text. */
const arrows: Readonly<Record<string, IconName>> = { up: 'chevron-up', down: 'chevron-down', in: 'chevron-right', out: 'chevron-left' };

/** Keys that are pressed together, as the board of the person names them. @param keys for example `mod+shift+O`, `up` */
export function KeyCaps({ keys }: { readonly keys: string }) {
  return (
    <span class="key-caps" dir="ltr">
      {keys.split('+').map((key) => {
        const arrow = arrows[key];
        return (
          <kbd key={key} class="key-cap">
            {arrow === undefined ? (names[key] ?? key) : <Icon name={arrow} size="sm" />}
          </kbd>
        );
      })}
    </span>
  );
}
