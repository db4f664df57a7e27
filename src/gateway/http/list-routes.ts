import type { Express } from 'express';

export interface RouteLine {
  readonly method: string;
  readonly path: string;
}

/** What Express keeps of its routes; it has no types for it. */
interface Layer {
  readonly rawPath?: unknown;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/**
 * Every method and path that has a handler of its own, in the order in which they are asked, also those of nested routers. A
 * handler for all methods beside named ones is left out: it answers 405.
 */
export function listRoutes(app: Express): RouteLine[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stack is not in the types of Express
  const { stack } = app.router as unknown as { readonly stack: readonly Layer[] };
  return linesOf(stack, '');
}

function linesOf(stack: readonly Layer[], prefix: string): RouteLine[] {
  return stack.flatMap(({ route, handle, rawPath }) => {
    if (route !== undefined) {
      const methods = Object.keys(route.methods).filter((method) => method !== '_all');
      const paths = [route.path].flat();
      return methods.flatMap((method) => paths.map((path) => ({ method: method.toUpperCase(), path: prefix + String(path) })));
    }
    const mounted = typeof rawPath === 'string' && rawPath !== '/' ? rawPath : '';
    return handle?.stack === undefined ? [] : linesOf(handle.stack, prefix + mounted);
  });
}
