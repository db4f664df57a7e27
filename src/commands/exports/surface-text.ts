import type { ActionsPart, AskPart, ElementPart, Part, TasksPart } from '../../protocol/index.ts';

type SurfacePart = ElementPart | ActionsPart | AskPart | TasksPart | Extract<Part, { type: 'removed' }>;

/** One line for what a plugin showed, for exports that cannot show it. Buttons mean nothing outside the page. */
export function surfaceText(part: SurfacePart): string {
  switch (part.type) {
    case 'element':
      return `${elementNames[part.kind]}: ${part.name}`;
    case 'ask': {
      const answered = typeof part.answer === 'string' ? ` ${part.answer}` : ` (${part.status})`;
      return `Question: ${part.spec.prompt}${answered}`;
    }
    case 'tasks':
      return part.items.map(({ title, status }) => `${title} (${status})`).join('; ');
    case 'actions':
    case 'removed':
      return '';
  }
}

const elementNames: Readonly<Record<ElementPart['kind'], string>> = {
  image: 'Picture',
  text: 'Text',
  pdf: 'PDF',
  audio: 'Audio',
  video: 'Video',
  file: 'File',
  table: 'Table',
  plot: 'Plot',
  custom: 'Element',
};
