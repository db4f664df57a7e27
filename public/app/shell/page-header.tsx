import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { OpenSidebarButton } from './open-sidebar-button.tsx';

export interface PageHeaderProps {
  readonly title: string;
  readonly sidebarOpen: boolean;
  readonly onToggleSidebar: () => void;
}

/** The bar above a page that is no conversation. */
export function PageHeader({ title, sidebarOpen, onToggleSidebar }: PageHeaderProps) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  return (
    <header class="chat-header">
      {sidebarOpen ? null : <OpenSidebarButton onOpen={onToggleSidebar} />}
      <div class="chat-heading">
        <h1 class="chat-title">{title}</h1>
      </div>
      <IconButton icon="close" label={t('page.back')} tooltip="below" tooltipAlign="end" onClick={() => state.router.leave()} />
    </header>
  );
}
