import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { loadPageWords } from '../languages.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/**
 * A part of the page that is fetched when it is first shown, with its words. What cannot be fetched (no network, or a newer
 * version on the server) says so and offers to load the page anew; nothing that was typed is lost by that.
 * @param Waiting stands in its place until then
 * @param Failed says so in place of the words and the button
 */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Waiting: ComponentType<P> = Lines,
  Failed?: ComponentType<P>,
): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const { i18n } = useApp();
    const [failed, setFailed] = useState(false);
    const [, setReady] = useState(Loaded !== undefined);
    useEffect(() => {
      if (Loaded !== undefined) return;
      let here = true;
      Promise.all([load(), i18n.extend(loadPageWords)]).then(
        ([component]) => {
          Loaded = component;
          if (here) setReady(true);
        },
        () => here && setFailed(true),
      );
      return () => {
        here = false;
      };
    }, []);
    if (Loaded !== undefined) return <Loaded {...props} />;
    if (failed && Failed !== undefined) return <Failed {...props} />;
    if (failed) {
      return (
        <div class="lazy-state" role="alert">
          <p>{i18n.t('lazy.failed')}</p>
          <Button onClick={() => location.reload()}>{i18n.t('lazy.reload')}</Button>
        </div>
      );
    }
    return (
      <div class="lazy-state" role="status" aria-busy="true" aria-label={i18n.t('boot.loading')}>
        <Waiting {...props} />
      </div>
    );
  };
}

function Lines() {
  return <Skeleton lines={4} />;
}
