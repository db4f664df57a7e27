import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { isComposing, isSendKey } from '../composer/send-key.ts';
import { Button } from '../ui/button.tsx';

export interface MessageEditorProps {
  readonly text: string;
  readonly onCancel: () => void;
  readonly onSend: (text: string) => void;
}

/** Edits a sent message in its place; sending opens a new branch. */
export function MessageEditor({ text, onCancel, onSend }: MessageEditorProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const field = useRef<HTMLTextAreaElement>(null);
  // Before the first key can arrive: later the caret would jump under it.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, []);
  const send = () => {
    const next = field.current?.value.trim() ?? '';
    if (next === '' || next === text) onCancel();
    else onSend(next);
  };
  return (
    <div class="message-editor">
      <textarea
        ref={field}
        class="text-area grow"
        dir="auto"
        rows={2}
        defaultValue={text}
        aria-label={t('message.edit')}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !isComposing(event)) onCancel();
          if (!isSendKey(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="form-buttons">
        <small>{t('message.editHint')}</small>
        <Button size="sm" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
        <Button size="sm" variant="primary" onClick={send}>
          {t('action.send')}
        </Button>
      </div>
    </div>
  );
}
