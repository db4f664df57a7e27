import '../../styles/surface.css';
import { useApp } from '../app-context.ts';
import { ProfilePicker } from '../shell/profile-picker.tsx';
import { inWords } from '../state/plugin-words.ts';
import { iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { useNarrow } from './narrow.ts';

export interface HeaderExtrasProps {
  readonly conversationId: string | null;
}

/** What plugins and the operator put into the header: the profile, its settings, and ways to elsewhere. */
export function HeaderExtras({ conversationId }: HeaderExtrasProps) {
  const { state, i18n, dialogs } = useApp();
  const { t } = i18n;
  const { links, readme } = state.surface.info.value;
  const fields = state.surface.profile(conversationId)?.fields ?? [];
  const narrow = useNarrow();
  const settable = fields.length > 0 && conversationId !== null;
  const openSettings = () => conversationId !== null && dialogs.open({ name: 'chat-settings', conversationId });
  const items: MenuItem[] = [
    ...(settable && narrow ? [{ id: 'settings', label: t('chatSettings.open'), icon: 'settings' as const, onSelect: openSettings }] : []),
    ...(readme ? [{ id: 'readme', label: t('readme.open'), icon: 'info' as const, onSelect: () => dialogs.open({ name: 'readme' }) }] : []),
    ...links.map(({ title, url, icon }, index) => ({
      id: `link-${index}`,
      label: inWords(i18n, title),
      icon: iconFrom(icon, 'external'),
      onSelect: () => void window.open(url, '_blank', 'noopener,noreferrer'),
    })),
  ];
  return (
    <>
      <ProfilePicker conversationId={conversationId} />
      {settable && !narrow ? (
        <IconButton icon="settings" label={t('chatSettings.open')} tooltip="below" tooltipAlign="end" onClick={openSettings} />
      ) : null}
      {items.length === 0 ? null : (
        <Menu
          label={t('links.title')}
          align="end"
          items={items}
          trigger={(menu) => (
            <IconButton
              {...menu}
              icon={settable && narrow ? 'settings' : 'info'}
              label={t('links.title')}
              tooltip="below"
              tooltipAlign="end"
            />
          )}
        />
      )}
    </>
  );
}
