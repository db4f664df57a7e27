import { useApp } from '../app-context.ts';
import { SettingsBody } from '../shell/side-pages.tsx';
import { Dialog } from '../ui/dialog.tsx';

export interface SettingsDialogProps {
  readonly open: boolean;
  readonly conversationId: string | null;
  readonly onClose: () => void;
}

export function SettingsDialog({ open, conversationId, onClose }: SettingsDialogProps) {
  const { t } = useApp().i18n;
  return (
    <Dialog open={open} onClose={onClose} title={t('settings.title')} closeLabel={t('action.close')} steady>
      <SettingsBody conversationId={conversationId} onDone={onClose} />
    </Dialog>
  );
}
