import { useApp } from '../app-context.ts';
import { type ThemeChoice, themeChoices } from '../state/theme.ts';
import type { IconName } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';

const themeIcons: Record<ThemeChoice, IconName> = { system: 'monitor', light: 'sun', dark: 'moon' };

/** Each language in its own words, so that it is found by those who need it. */
export function useLanguageItems(): readonly MenuItem[] {
  const { i18n, actions } = useApp();
  const chosen = i18n.locale.value;
  return i18n.languages.map(({ tag, name }) => ({
    id: `locale-${tag}`,
    label: name,
    icon: 'globe',
    checked: tag === chosen,
    onSelect: () => void i18n.choose(tag).catch(actions.fail),
  }));
}

export function useThemeItems(): readonly MenuItem[] {
  const { i18n, theme } = useApp();
  const chosen = theme.choice.value;
  return themeChoices.map((choice) => ({
    id: `theme-${choice}`,
    label: i18n.t(`theme.${choice}`),
    icon: themeIcons[choice],
    checked: choice === chosen,
    onSelect: () => theme.choose(choice),
  }));
}

export function LanguageMenu() {
  const { i18n } = useApp();
  const label = i18n.t('language.choose');
  return (
    <Menu
      label={label}
      align="end"
      items={useLanguageItems()}
      trigger={(props) => <IconButton {...props} icon="globe" label={label} tooltip="below" tooltipAlign="end" />}
    />
  );
}

export function ThemeMenu() {
  const { i18n, theme } = useApp();
  const label = i18n.t('theme.choose');
  return (
    <Menu
      label={label}
      align="end"
      items={useThemeItems()}
      trigger={(props) => <IconButton {...props} icon={themeIcons[theme.choice.value]} label={label} tooltip="below" tooltipAlign="end" />}
    />
  );
}
