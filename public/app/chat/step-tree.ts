import type { StepPart } from './message-parts.ts';

export interface StepNode {
  readonly step: StepPart;
  readonly children: readonly StepNode[];
}

/** Steps below their parents, in the order they began. One whose parent is not there, or is below it, stands at the top. */
export function stepTree(steps: readonly StepPart[]): readonly StepNode[] {
  const children = new Map<string | null, StepPart[]>();
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  for (const step of steps) {
    const parent = isUnder(step, byId) ? (step.parentStepId ?? null) : null;
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [step]);
    else list.push(step);
  }
  const nodes = (parent: string | null): readonly StepNode[] =>
    (children.get(parent) ?? []).map((step) => ({ step, children: nodes(step.stepId) }));
  return nodes(null);
}

/** Whether the way up from a step ends at the top instead of going round, and its parent is there. */
function isUnder(step: StepPart, byId: ReadonlyMap<string, StepPart>): boolean {
  const seen = new Set([step.stepId]);
  let parent = step.parentStepId;
  if (parent === undefined || !byId.has(parent)) return false;
  while (parent !== undefined) {
    if (seen.has(parent)) return false;
    seen.add(parent);
    parent = byId.get(parent)?.parentStepId;
  }
  return true;
}

/** How long a step took, in ms; null while that is not known. */
export function stepMs({ startedAt, endedAt }: Pick<StepPart, 'startedAt' | 'endedAt'>, now?: number): number | null {
  if (startedAt === undefined) return null;
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  const ms = end === undefined ? Number.NaN : end - Date.parse(startedAt);
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
