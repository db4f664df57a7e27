import type { WorkLevel } from '../base/processor-interface.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';

/** Work that waits for its turn. */
export interface ScheduledTask {
  /** Unique among the tasks of the scheduler. */
  readonly id: string;
  readonly userId: string;
  readonly level: WorkLevel;
  readonly plugin: string;
  /** Which models it loads (`modelKeyOf`); tasks with the same key are kept together. Empty: none. */
  readonly modelKey: string;
  readonly needs: ResourceNeeds;
  /** How long it is expected to run, in seconds. */
  readonly seconds: number;
  /** Epoch milliseconds. */
  readonly enqueuedAt: number;
}

/** What a task was given for its run. */
export type GrantedNeeds = Required<ResourceNeeds>;

export type GrantedTask = ScheduledTask & { readonly granted: GrantedNeeds };

/** Names of models hold no plus sign. */
const JOINT = '+';

/** One name for a set of models, whatever their order. */
export function modelKeyOf(models: readonly string[]): string {
  return [...new Set(models)].sort((a, b) => (a < b ? -1 : 1)).join(JOINT);
}

/** The models of a key. */
export function modelsOf(modelKey: string): readonly string[] {
  return modelKey === '' ? [] : modelKey.split(JOINT);
}
