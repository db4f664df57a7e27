import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { whenIdle } from '../browser/platform.ts';
import { loadPageWords } from '../languages.ts';

/** A part that nobody waits for: fetched when the page has nothing else to do, left out where it cannot be fetched. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  return function Later(props: P) {
    const { i18n } = useApp();
    const [, setReady] = useState(Loaded !== undefined);
    useEffect(() => {
      if (Loaded !== undefined) return;
      let here = true;
      whenIdle(() => {
        if (!here) return;
        Promise.all([load(), i18n.extend(loadPageWords)]).then(
          ([component]) => {
            Loaded = component;
            if (here) setReady(true);
          },
          // Asked for again when it is next to be shown.
          () => {},
        );
      });
      return () => {
        here = false;
      };
    }, []);
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
}
