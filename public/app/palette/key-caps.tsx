const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const names: Readonly<Record<string, string>> = apple
  ? { mod: '⌘', shift: '⇧', alt: '⌥', enter: '↩', escape: 'Esc' }
  : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter', escape: 'Esc' };

/** Keys that are pressed together, as the board of the person names them. @param keys for example `mod+shift+O` */
export function KeyCaps({ keys }: { readonly keys: string }) {
  return (
    <span class="key-caps" dir="ltr">
      {keys.split('+').map((key) => (
        <kbd key={key} class="key-cap">
          {names[key] ?? key}
        </kbd>
      ))}
    </span>
  );
}
