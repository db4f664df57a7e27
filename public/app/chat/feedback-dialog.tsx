import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export interface FeedbackDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onSend: (comment: string) => void;
}

export function FeedbackDialog({ open, onClose, onSend }: FeedbackDialogProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const comment = useRef<HTMLTextAreaElement>(null);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('feedback.title')}
      closeLabel={t('action.close')}
      size="sm"
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button variant="primary" onClick={() => onSend(comment.current?.value.trim() ?? '')}>
            {t('feedback.send')}
          </Button>
        </>
      }
    >
      <label class="form-field">
        <span class="ui-field-label">{t('feedback.comment')}</span>
        <textarea ref={comment} class="text-area" dir="auto" rows={4} maxLength={2000} autofocus />
      </label>
    </Dialog>
  );
}
