import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Spinner } from '../ui/spinner.tsx';

/** The end of a list of which there is more; says when it comes near the window. */
export function MoreMarker({ onSeen }: { readonly onSeen: () => void }) {
  const { i18n } = useApp();
  const element = useRef<HTMLDivElement>(null);
  // Anew after each drawing: what was added may not have filled the window.
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onSeen();
      },
      { rootMargin: '300px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  });
  return (
    <div ref={element} class="list-more">
      <Spinner label={i18n.t('sidebar.loadingMore')} />
    </div>
  );
}
