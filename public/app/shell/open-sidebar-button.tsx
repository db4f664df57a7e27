import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** In the header of every page, while the sidebar is closed. */
export function OpenSidebarButton({ onOpen }: { readonly onOpen: () => void }) {
  const { t } = useApp().i18n;
  return (
    <IconButton
      icon="menu"
      label={t('sidebar.open')}
      tooltip="below"
      tooltipAlign="start"
      aria-controls="sidebar"
      aria-expanded={false}
      onClick={onOpen}
    />
  );
}
