import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { Paged } from '../state/paged.ts';
import { Spinner } from '../ui/spinner.tsx';

/** Loads the next page of a list when its end comes near. */
export function MoreMarker<T>({ list }: { readonly list: Paged<T> }) {
  const { t } = useApp().i18n;
  const element = useRef<HTMLDivElement>(null);
  const { nextCursor, phase } = list.view.value;
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void list.loadMore();
      },
      { rootMargin: '400px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [nextCursor]);
  if (nextCursor === null) return null;
  return (
    <div ref={element} class="page-more">
      {phase === 'more' ? <Spinner label={t('sidebar.loadingMore')} /> : null}
    </div>
  );
}
