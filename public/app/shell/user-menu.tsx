import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { useLanguageItems, useThemeItems } from './preference-menus.tsx';
import type { ShellDialog } from './shell.tsx';

export function UserMenu({ user, onDialog }: { readonly user: User; readonly onDialog: (dialog: ShellDialog) => void }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [firstTheme, ...themes] = useThemeItems();
  const [firstLanguage, ...languages] = useLanguageItems();
  return (
    <Menu
      label={t('user.menu')}
      items={[
        { id: 'settings', label: t('settings.title'), icon: 'settings', onSelect: () => onDialog('settings') },
        { id: 'password', label: t('password.title'), icon: 'key', onSelect: () => onDialog('password') },
        ...(user.role === 'admin'
          ? [{ id: 'admin', label: t('admin.title'), icon: 'gauge' as const, onSelect: () => state.router.open('admin') }]
          : []),
        { id: 'plugins', label: t('plugins.title'), icon: 'plug', onSelect: () => state.router.open('plugins') },
        { id: 'doctor', label: t('doctor.title'), icon: 'pulse', onSelect: () => state.router.open('doctor') },
        ...(firstTheme === undefined ? [] : [{ ...firstTheme, separated: true }, ...themes]),
        ...(firstLanguage === undefined ? [] : [{ ...firstLanguage, separated: true }, ...languages]),
        { id: 'logout', label: t('user.logout'), icon: 'logout', separated: true, onSelect: actions.logout },
      ]}
      trigger={(props) => (
        <button type="button" {...props} class="user-button">
          <span class="visually-hidden">{t('user.menuOf')}</span>
          <Avatar name={user.name} />
          <span class="user-words">
            <span class="user-name page-side" dir="auto">
              {user.name}
            </span>
            <span class="user-email" dir="ltr">
              {user.email}
            </span>
          </span>
          <Icon name="chevron-up" size="sm" />
        </button>
      )}
    />
  );
}
