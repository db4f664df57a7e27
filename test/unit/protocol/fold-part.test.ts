import { describe, expect, it } from 'vitest';
import { foldPart, type Part, partKey } from '../../../src/protocol/index.ts';

const step = (stepId: string, status: 'running' | 'succeeded'): Part => ({ type: 'step', stepId, name: 'search', status });
const element = (elementId: string, text: string): Part => ({
  type: 'element',
  elementId,
  kind: 'text',
  name: 'notes',
  display: 'inline',
  text,
});

function folded(...parts: Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) foldPart(all, part);
  return all;
}

describe('parts of a message', () => {
  it('are replaced where they stand when the same id comes again, kind by kind', () => {
    const parts = folded(
      step('a', 'running'),
      element('a', 'one'),
      { type: 'text', text: 'words' },
      step('a', 'succeeded'),
      element('a', 'two'),
    );
    expect(parts).toEqual([step('a', 'succeeded'), element('a', 'two'), { type: 'text', text: 'words' }]);
  });

  it('go when they are removed, and the removal itself is not kept', () => {
    const gone: Part = { type: 'removed', of: 'step', id: 'a' };
    expect(folded(step('a', 'running'), element('a', 'one'), gone)).toEqual([element('a', 'one')]);
    expect(folded(gone)).toEqual([]);
  });

  it('have a key where they may come again, and none where they add up', () => {
    expect(partKey(step('a', 'running'))).toBe('step:a');
    expect(partKey({ type: 'tasks', tasksId: 't', items: [] })).toBe('tasks:t');
    expect(partKey({ type: 'text', text: 'a' })).toBeNull();
    expect(partKey({ type: 'job', jobId: 'j' })).toBeNull();
  });
});
