import { useApp } from '../app-context.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { useCopy } from './use-copy.ts';

export function CopyButton({ text }: { readonly text: string }) {
  const { t } = useApp().i18n;
  const { copied, copy } = useCopy();
  return (
    <IconButton icon={copied ? 'check' : 'copy'} size="sm" label={t(copied ? 'action.copied' : 'action.copy')} onClick={() => copy(text)} />
  );
}
