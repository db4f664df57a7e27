import { useApp } from '../app-context.ts';
import type { SourcePart } from './message-parts.ts';

/** Only web addresses become links; the host is always seen. */
function hostOf(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed.host : null;
  } catch {
    return null;
  }
}

export function Sources({ sources }: { readonly sources: readonly SourcePart[] }) {
  const { i18n } = useApp();
  return (
    <section class="sources" aria-label={i18n.t('sources.title')}>
      {sources.map(({ url, title }, index) => {
        const host = hostOf(url);
        return host === null ? null : (
          <a key={index} class="source" href={url} target="_blank" rel="noopener noreferrer nofollow">
            <span dir="auto">{title ?? host}</span>
            <small dir="ltr">{host}</small>
          </a>
        );
      })}
    </section>
  );
}
