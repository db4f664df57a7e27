import type { TestProject } from 'vitest/node';
import { buildServerBundle } from './server-bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built server that all cases of a run start. */
    faultsProgram: string;
  }
}

/** Once per run, before the first file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bundle = await buildServerBundle();
  project.provide('faultsProgram', bundle.program);
  return bundle.remove;
}
