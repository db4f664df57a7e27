import '../../styles/surface.css';
import type { ModeInfo } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import { Icon, iconFrom } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';

export interface ModePickersProps {
  readonly conversationId: string | null;
}

/** What goes along with each message, such as how deep to look. */
export function ModePickers({ conversationId }: ModePickersProps) {
  const { state } = useApp();
  return (
    <span class="modes">
      {state.surface.modes(conversationId).map((mode) => (
        <ModePicker key={mode.id} mode={mode} conversationId={conversationId} />
      ))}
    </span>
  );
}

function ModePicker({ mode, conversationId }: ModePickersProps & { readonly mode: ModeInfo }) {
  const { state, i18n, actions } = useApp();
  const chosen = state.surface.option(conversationId, mode);
  const label = inWords(i18n, mode.title);
  const value = chosen === undefined ? '' : inWords(i18n, chosen.title);
  return (
    <Menu
      label={label}
      items={mode.options.map(({ id, title, description, icon }) => ({
        id,
        label: inWords(i18n, title),
        checked: id === chosen?.id,
        ...(description === undefined ? {} : { hint: inWords(i18n, description) }),
        ...(icon === undefined ? {} : { icon: iconFrom(icon, 'sparkle') }),
        onSelect: () => void state.surface.setMode(conversationId, mode.id, id).catch(actions.fail),
      }))}
      trigger={(menu) => (
        <button type="button" {...menu} class="picker mode-picker" aria-label={`${label}: ${value}`} title={label}>
          {chosen?.icon === undefined ? null : <Icon name={iconFrom(chosen.icon, 'sparkle')} size="sm" />}
          <bdi class="picker-value">{value}</bdi>
          <Icon name="chevron-down" size="sm" />
        </button>
      )}
    />
  );
}
