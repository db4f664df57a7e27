import type { User } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { useLanguageItems, useThemeItems } from './preference-menus.tsx';

export function UserMenu({ user }: { readonly user: User }) {
  const { state, i18n, actions, dialogs } = useApp();
  const { t } = i18n;
  const themes = useThemeItems();
  const languages = useLanguageItems();
  return (
    <Menu
      label={t('user.menu')}
      items={[
        { id: 'settings', label: t('settings.title'), icon: 'settings', onSelect: () => dialogs.open({ name: 'settings' }) },
        { id: 'password', label: t('password.title'), icon: 'key', onSelect: () => dialogs.open({ name: 'password' }) },
        ...(user.role === 'admin'
          ? [{ id: 'admin', label: t('admin.title'), icon: 'gauge' as const, onSelect: () => state.router.open('admin') }]
          : []),
        { id: 'plugins', label: t('plugins.title'), icon: 'plug', onSelect: () => state.router.open('plugins') },
        { id: 'doctor', label: t('doctor.title'), icon: 'pulse', onSelect: () => state.router.open('doctor') },
        { id: 'theme', label: t('theme.choose'), icon: 'sun', separated: true, items: themes },
        { id: 'language', label: t('language.choose'), icon: 'globe', items: languages },
        { id: 'shortcuts', label: t('shortcuts.title'), icon: 'keyboard', onSelect: () => dialogs.open({ name: 'shortcuts' }) },
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
