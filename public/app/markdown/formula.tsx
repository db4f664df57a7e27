import { type ComponentChild, h } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FormulaElement, renderFormula } from './formula-renderer.ts';

type Renderer = typeof renderFormula;

/** Fetched with the first formula that closes, and there for all that follow. */
let renderer: Renderer | undefined;

const fetchRenderer = async (): Promise<Renderer> => {
  const [{ renderFormula: render }] = await Promise.all([import('./formula-renderer.ts'), import('../../styles/formula.css')]);
  renderer = render;
  return renderer;
};

function elementOf(node: FormulaElement | string, index: number): ComponentChild {
  if (typeof node === 'string') return node;
  return h(node.name, { key: index, ...node.attributes, style: node.styles }, node.children.map(elementOf));
}

/** As it was written: until it can be drawn, and where it cannot. */
function Written({ raw }: { readonly raw: string }) {
  return (
    <code class="md-formula-source" dir="ltr">
      {raw}
    </code>
  );
}

export interface FormulaProps {
  readonly tex: string;
  readonly raw: string;
  readonly display: boolean;
}

/** A formula as elements, always left to right, whatever the text around it. */
export function Formula({ tex, raw, display }: FormulaProps) {
  const [render, setRender] = useState<{ readonly by: Renderer } | undefined>(renderer === undefined ? undefined : { by: renderer });
  useEffect(() => {
    if (render !== undefined) return;
    let wanted = true;
    fetchRenderer().then(
      (by) => wanted && setRender({ by }),
      () => undefined, // without its drawing a formula is still all there
    );
    return () => {
      wanted = false;
    };
  }, []);
  const tree = useMemo(() => render?.by(tex, display), [render, tex, display]);
  if (tree === undefined) return <Written raw={raw} />;
  return (
    <span class="md-formula" dir="ltr" data-display={display ? '' : undefined}>
      {elementOf(tree, 0)}
    </span>
  );
}
