import { effect, type ReadonlySignal } from '@preact/signals';
import type { SurfaceInfo } from '../../../src/protocol/surface-shapes.ts';
import type { KeyValueStore } from '../state/ports.ts';

/** `static/theme.js` reads it before the first paint. */
const key = 'jarvis.site-theme';
const linkId = 'site-theme';

/** Loads the operator's colours where there are some, and again when they have changed. @returns how to end it */
export function followSiteTheme(info: ReadonlySignal<SurfaceInfo | null>, store: KeyValueStore): () => void {
  let seen = 0;
  return effect(() => {
    const { theme } = info.value ?? {};
    if (theme === undefined) return;
    seen += 1;
    const link = document.getElementById(linkId);
    if (!theme) {
      link?.remove();
      store.remove(key);
      return;
    }
    store.set(key, '1');
    if (link !== null && seen === 1) return;
    link?.remove();
    document.head.append(
      Object.assign(document.createElement('link'), { id: linkId, rel: 'stylesheet', href: `/site/theme.css?v=${seen}` }),
    );
  });
}
