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
    const last = sections.at(-1);
    if (part.type === 'text' || part.type === 'thought') {
      if (last?.kind === part.type) sections[sections.length - 1] = { kind: part.type, text: last.text + part.text };
      else sections.push({ kind: part.type, text: part.text });
    } else if (part.type === 'image' || part.type === 'file') {
      if (last?.kind === 'media') sections[sections.length - 1] = { kind: 'media', parts: [...last.parts, part] };
      else sections.push({ kind: 'media', parts: [part] });
    } else if (part.type === 'step') {
      if (last?.kind === 'steps') sections[sections.length - 1] = { kind: 'steps', steps: [...last.steps, part] };
      else sections.push({ kind: 'steps', steps: [part] });
    }
  }
  return sections;
}
