import { register } from 'node:module';

/** What a plugin that was installed from npm imports in place of `#core`, which belongs to the package that a file lies in. */
const coreName = 'jarvis-argus/core';
let named = false;

/** Imports a plugin's module. One that lies in a package finds the core of this program under its public name. */
export async function importPlugin(url: string): Promise<unknown> {
  if (url.includes('/node_modules/') && !named) {
    named = true;
    register(`data:text/javascript,${encodeURIComponent(resolver())}`);
  }
  return import(url);
}

/** The program does not lie in its own `node_modules`, so Node would not find it by name. */
function resolver(): string {
  const file = import.meta.url.endsWith('.ts') ? '../index.ts' : './core.js';
  const url = JSON.stringify(new URL(file, import.meta.url).href);
  const name = JSON.stringify(coreName);
  return `export const resolve = async (name, context, next) => name === ${name} ? { url: ${url}, shortCircuit: true } : next(name, context);`;
}
