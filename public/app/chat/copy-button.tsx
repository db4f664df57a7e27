import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { copyText } from '../markdown/copy-text.ts';
import { IconButton } from '../ui/icon-button.tsx';

export function CopyButton({ text }: { readonly text: string }) {
  const { i18n } = useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      size="sm"
      label={i18n.t(copied ? 'action.copied' : 'action.copy')}
      onClick={() => void copyText(text).then((done) => setCopied(done))}
    />
  );
}
