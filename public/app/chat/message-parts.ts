import type { MediaPart, Part } from '../../../src/protocol/shapes.ts';
import type { ActionsPart, AskPart, ElementPart, TasksPart } from '../../../src/protocol/surface-shapes.ts';

export type StepPart = Extract<Part, { type: 'step' }>;
export type SourcePart = Extract<Part, { type: 'source' }>;
/** What plugins show besides text, pictures and steps. */
export type SurfacePart = ElementPart | ActionsPart | AskPart | TasksPart;

/** What belongs together in an answer: thoughts and steps that follow each other are one section. */
export type Section =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'media'; readonly parts: readonly MediaPart[] }
  | { readonly kind: 'steps'; readonly steps: readonly StepPart[] }
  | { readonly kind: 'surface'; readonly parts: readonly SurfacePart[] }
  | JobSection;

/** Image work, with the pictures and words that it made: they follow its part in the message. */
export interface JobSection {
  readonly kind: 'job';
  readonly jobId: string;
  readonly media: readonly MediaPart[];
  readonly text: string;
}

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function mediaOf(parts: readonly Part[]): readonly MediaPart[] {
  return parts.filter((part): part is MediaPart => part.type === 'image' || part.type === 'file');
}

export function sourcesOf(parts: readonly Part[]): readonly SourcePart[] {
  return parts.filter((part): part is SourcePart => part.type === 'source');
}

export function elementsOf(parts: readonly Part[]): readonly ElementPart[] {
  return parts.filter((part): part is ElementPart => part.type === 'element');
}

export function sectionsOf(parts: readonly Part[]): readonly Section[] {
  const sections: Section[] = [];
  for (const part of parts) {
    const section = sectionOf(part);
    if (section === null || (part.type === 'step' && joinParent(sections, part))) continue;
    const last = sections.at(-1);
    const joined = last === undefined ? null : join(last, section);
    if (joined === null) sections.push(section);
    else sections[sections.length - 1] = joined;
  }
  return sections;
}

/** A step below another one stands with it, whatever was written between the two. */
function joinParent(sections: Section[], step: StepPart): boolean {
  if (step.parentStepId === undefined) return false;
  const index = sections.findIndex(
    (section) => section.kind === 'steps' && section.steps.some(({ stepId }) => stepId === step.parentStepId),
  );
  const found = sections[index];
  if (found?.kind !== 'steps') return false;
  sections[index] = { kind: 'steps', steps: [...found.steps, step] };
  return true;
}

function sectionOf(part: Part): Section | null {
  switch (part.type) {
    case 'text':
    case 'thought':
      return { kind: part.type, text: part.text };
    case 'image':
    case 'file':
      return { kind: 'media', parts: [part] };
    case 'step':
      return { kind: 'steps', steps: [part] };
    case 'job':
      return { kind: 'job', jobId: part.jobId, media: [], text: '' };
    case 'element':
    case 'actions':
    case 'ask':
    case 'tasks':
      return { kind: 'surface', parts: [part] };
    default:
      return null;
  }
}

function join(last: Section, next: Section): Section | null {
  if (last.kind === 'job') return joinJob(last, next);
  if (last.kind === 'media' && next.kind === 'media') return { kind: 'media', parts: [...last.parts, ...next.parts] };
  if (last.kind === 'steps' && next.kind === 'steps') return { kind: 'steps', steps: [...last.steps, ...next.steps] };
  if (last.kind === 'surface' && next.kind === 'surface') return { kind: 'surface', parts: [...last.parts, ...next.parts] };
  if (last.kind === 'text' && next.kind === 'text') return { kind: 'text', text: last.text + next.text };
  if (last.kind === 'thought' && next.kind === 'thought') return { kind: 'thought', text: last.text + next.text };
  return null;
}

function joinJob(job: JobSection, next: Section): Section | null {
  if (next.kind === 'media') return { ...job, media: [...job.media, ...next.parts] };
  return next.kind === 'text' ? { ...job, text: job.text + next.text } : null;
}
