import { useEffect, useState } from 'preact/hooks';
import { copyText } from '../markdown/copy-text.ts';

const shownMs = 2000;

/** Copies a text, and says so for two seconds. */
export function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return { copied, copy: (text) => void copyText(text).then(setCopied) };
}
