import { useEffect, useState } from 'preact/hooks';
import type { CodePiece } from './highlighter.ts';

/** UTF-16 units. Longer code stays in one colour: the grammars need about 1 ms for each 2 kB. */
export const mostColoured = 40_000;

/** Runs a task when the page has nothing better to do; gives back how to call it off. */
function whenIdle(task: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(task, { timeout: 1000 });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(task, 50);
  return () => clearTimeout(id);
}

/** The coloured pieces of closed code, once they are ready; undefined until then and where there is nothing to colour. */
export function useHighlight(language: string, text: string, closed: boolean): readonly CodePiece[] | undefined {
  const [result, setResult] = useState<{ readonly text: string; readonly pieces: readonly CodePiece[] | undefined }>();

  useEffect(() => {
    if (!closed || language === '' || text.length > mostColoured) return;
    let wanted = true;
    const cancel = whenIdle(() => {
      import('./highlighter.ts')
        .then(({ highlight }) => {
          if (wanted) setResult({ text, pieces: highlight(language, text) });
        })
        .catch(() => undefined); // without colours the code is still all there
    });
    return () => {
      wanted = false;
      cancel();
    };
  }, [language, text, closed]);

  return result?.text === text ? result.pieces : undefined;
}
