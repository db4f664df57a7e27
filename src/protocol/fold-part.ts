import type { Part } from './shapes.ts';

/** @returns what a part is known by in its message, `<type>:<id>`; null for one that is never replaced */
export function partKey(part: Part): string | null {
  switch (part.type) {
    case 'step':
      return `step:${part.stepId}`;
    case 'element':
      return `element:${part.elementId}`;
    case 'actions':
      return `actions:${part.actionsId}`;
    case 'ask':
      return `ask:${part.askId}`;
    case 'tasks':
      return `tasks:${part.tasksId}`;
    default:
      return null;
  }
}

/**
 * Adds a part to a message, in place, by the one rule of server and client: text and thoughts grow the last part of their kind, a
 * part with a key replaces its earlier state where that stands, `removed` takes one out and is not kept itself.
 */
export function foldPart(parts: Part[], part: Part): void {
  if (part.type === 'removed') {
    const index = parts.findIndex((known) => partKey(known) === `${part.of}:${part.id}`);
    if (index >= 0) parts.splice(index, 1);
    return;
  }
  const last = parts.at(-1);
  if ((part.type === 'text' || part.type === 'thought') && last !== undefined && last.type === part.type) {
    parts[parts.length - 1] = { type: part.type, text: last.text + part.text };
    return;
  }
  const key = partKey(part);
  const index = key === null ? -1 : parts.findIndex((known) => partKey(known) === key);
  if (index >= 0) parts[index] = part;
  else parts.push(part);
}
