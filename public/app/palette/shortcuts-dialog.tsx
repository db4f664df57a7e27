import '../../styles/palette.css';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { KeyCaps } from './key-caps.tsx';

/** The keys that the page listens to; several ways to the same are given side by side. */
const shortcuts = {
  everywhere: [
    ['palette', ['mod+K']],
    ['newChat', ['mod+shift+O']],
    ['sidebar', ['mod+shift+S']],
    ['composer', ['/']],
    ['help', ['?', 'mod+/']],
    ['close', ['escape']],
  ],
  writing: [
    ['send', ['enter']],
    ['line', ['shift+enter']],
    ['commands', ['/']],
    ['complete', ['Tab']],
    ['saveEdit', ['enter', 'mod+enter']],
  ],
  reading: [
    ['find', ['mod+F']],
    ['findStep', ['enter', 'shift+enter']],
    ['ownMessages', ['alt+up', 'alt+down']],
  ],
  lists: [
    ['move', ['up', 'down']],
    ['ends', ['Home', 'End']],
    ['inside', ['in', 'out']],
    ['fromSearch', ['down']],
  ],
} as const;

/** The sheet of keys. */
export function ShortcutsDialog({ onClose }: DialogProps<'shortcuts'>) {
  const { t } = useApp().i18n;
  return (
    <Dialog open onClose={onClose} title={t('shortcuts.title')} closeLabel={t('action.close')} size="lg">
      {/* Where it is higher than the window, arrow keys scroll it. */}
      <div class="shortcut-groups" role="group" aria-label={t('shortcuts.title')} tabIndex={0}>
        {Object.entries(shortcuts).map(([group, rows]) => (
          <section key={group} aria-labelledby={`shortcuts-${group}`}>
            <h3 class="shortcut-heading" id={`shortcuts-${group}`}>
              {t(`shortcuts.group.${group}`)}
            </h3>
            <dl class="shortcut-rows">
              {rows.map(([name, ways]) => (
                <div key={name} class="shortcut-row">
                  <dt>{t(`shortcuts.${name}`)}</dt>
                  <dd>
                    {ways.map((keys) => (
                      <KeyCaps key={keys} keys={keys} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
