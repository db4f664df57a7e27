import { useEffect, useState } from 'preact/hooks';
import type { ElementPart } from '../../../src/protocol/surface-shapes.ts';
import type { MarkdownProps } from '../markdown/markdown.tsx';

/** What makes the names of a message's elements into links; its code is fetched with the first element. */
export function useNameLinks(elements: readonly ElementPart[]): MarkdownProps['refine'] {
  const [refine, setRefine] = useState<{ readonly run: NonNullable<MarkdownProps['refine']> } | null>(null);
  const names = elements.length === 0 ? '' : JSON.stringify(elements.map(({ elementId, name }) => [elementId, name]));
  useEffect(() => {
    if (names === '') {
      setRefine(null);
      return;
    }
    let here = true;
    import('./name-links.ts').then(({ createNameLinks }) => here && setRefine({ run: createNameLinks(elements) })).catch(() => undefined); // without links the words are still there
    return () => {
      here = false;
    };
  }, [names]);
  return refine?.run;
}
