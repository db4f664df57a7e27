import type { MediaPart, Part } from '../../../src/protocol/shapes.ts';

export type StepPart = Extract<Part, { type: 'step' }>;
export type SourcePart = Extract<Part, { type: 'source' }>;

/** What belongs together in an answer: thoughts and steps that follow each other are one section. */
export type Section =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'media'; readonly parts: readonly MediaPart[] }
  | { readonly kind: 'steps'; readonly steps: readonly StepPart[] };

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function mediaOf(parts: readonly Part[]): readonly MediaPart[] {
  return parts.filter((part): part is MediaPart => part.type === 'image' || part.type === 'file');
}

export function sourcesOf(parts: readonly Part[]): readonly SourcePart[] {
  return parts.filter((part): part is SourcePart => part.type === 'source');
}

export function sectionsOf(parts: readonly Part[]): readonly Section[] {
  const sections: Section[] = [];
  for (const part of parts) {
    const section = sectionOf(part);
    if (section === null) continue;
    const last = sections.at(-1);
    const joined = last === undefined ? null : join(last, section);
    if (joined === null) sections.push(section);
    else sections[sections.length - 1] = joined;
  }
  return sections;
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
    default:
      return null;
  }
}

function join(last: Section, next: Section): Section | null {
  if (last.kind === 'media' && next.kind === 'media') return { kind: 'media', parts: [...last.parts, ...next.parts] };
  if (last.kind === 'steps' && next.kind === 'steps') return { kind: 'steps', steps: [...last.steps, ...next.steps] };
  if (last.kind === 'text' && next.kind === 'text') return { kind: 'text', text: last.text + next.text };
  if (last.kind === 'thought' && next.kind === 'thought') return { kind: 'thought', text: last.text + next.text };
  return null;
}
