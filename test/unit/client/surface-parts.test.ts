import { describe, expect, it } from 'vitest';
import { type Section, sectionsOf } from '../../../public/app/chat/message-parts.ts';
import { createNameLinks } from '../../../public/app/chat/name-links.ts';
import { type StepNode, stepMs, stepTree } from '../../../public/app/chat/step-tree.ts';
import type { BlockNode } from '../../../public/app/markdown/nodes.ts';
import { emptyFold, foldPart } from '../../../public/app/state/fold.ts';
import { changesOf, problemsOf, sentOf, startOf, tabsOf } from '../../../public/app/state/surface-fields.ts';
import type { Part } from '../../../src/protocol/shapes.ts';
import type { Field } from '../../../src/protocol/surface-shapes.ts';

const step = (stepId: string, parentStepId?: string): Extract<Part, { type: 'step' }> => ({
  type: 'step',
  stepId,
  name: stepId,
  ...(parentStepId === undefined ? {} : { parentStepId }),
});
const names = (nodes: readonly StepNode[]): unknown[] => nodes.map((node) => [node.step.stepId, ...names(node.children)]);

describe('parts that plugins show', () => {
  it('replace their earlier state in place and go when they are taken away', () => {
    const sequence = (seq: number) => ({ epoch: 'e', seq, count: 1 });
    const text = (elementId: string, words: string): Part => ({
      ...{ type: 'element', elementId, kind: 'text', name: elementId, display: 'inline' },
      text: words,
    });
    let fold = foldPart(emptyFold, { ...sequence(1), part: text('a', 'one') });
    const first = fold.parts;
    fold = foldPart(fold, { ...sequence(2), part: text('b', 'two') });
    fold = foldPart(fold, { ...sequence(3), part: text('a', 'three') });
    expect(fold.parts).toEqual([text('a', 'three'), text('b', 'two')]);
    fold = foldPart(fold, { ...sequence(4), part: { type: 'removed', of: 'element', id: 'a' } });
    expect(fold.parts).toEqual([text('b', 'two')]);
    expect(first).toEqual([text('a', 'one')]);
  });

  it('stand together, and a step below another one stands with it', () => {
    const parts: Part[] = [
      step('a'),
      { type: 'text', text: 'words' },
      step('b', 'a'),
      { type: 'actions', actionsId: 'x', items: [] },
      { type: 'tasks', tasksId: 'y', items: [] },
      step('c'),
    ];
    const kinds = (sections: readonly Section[]) =>
      sections.map((one) => (one.kind === 'steps' ? one.steps.map(({ stepId }) => stepId).join('') : one.kind));
    expect(kinds(sectionsOf(parts))).toEqual(['ab', 'text', 'surface', 'c']);
  });

  it('make a tree of steps that loses none, even where parents are missing or go round', () => {
    expect(names(stepTree([step('a'), step('b', 'a'), step('c', 'b'), step('d', 'gone')]))).toEqual([['a', ['b', ['c']]], ['d']]);
    expect(names(stepTree([step('x', 'y'), step('y', 'x')]))).toEqual([['x'], ['y']]);
  });

  it('say how long a step took, or has taken until now', () => {
    const startedAt = '2026-01-01T00:00:00.000Z';
    expect(stepMs({ startedAt, endedAt: '2026-01-01T00:00:01.500Z' })).toBe(1500);
    expect(stepMs({ startedAt }, Date.parse(startedAt) + 3000)).toBe(3000);
    expect(stepMs({ startedAt })).toBeNull();
  });
});

describe('names of elements in a text', () => {
  const links = createNameLinks([
    { elementId: '1', name: 'report' },
    { elementId: '2', name: 'report.pdf' },
    { elementId: '3', name: 'فروش' },
    { elementId: '4', name: 'a' },
  ]);
  const paragraph = (text: string): BlockNode => ({ type: 'paragraph', children: [{ type: 'text', text }] });
  const found = (node: BlockNode) =>
    'children' in node
      ? node.children.map((child) => ('id' in child ? `[${child.id}]` : 'text' in child ? child.text : child.type)).join('')
      : '';

  it('become references, the longest name first, and only whole words', () => {
    expect(found(links(paragraph('See report.pdf, the report, and reporters.')))).toBe('See [2], the [1], and reporters.');
    expect(found(links(paragraph('جدول فروش را ببینید، نه فروشگاه.')))).toBe('جدول [3] را ببینید، نه فروشگاه.');
    expect(found(links(paragraph('a letter')))).toBe('a letter');
  });

  it('stay as they are in code and in links', () => {
    const code: BlockNode = { type: 'code', language: '', text: 'report', closed: true };
    expect(links(code)).toBe(code);
    const link: BlockNode = {
      type: 'paragraph',
      children: [{ type: 'link', href: 'https://example.org/', children: [{ type: 'text', text: 'report' }] }],
    };
    expect(links(link)).toEqual(link);
  });
});

describe('fields of a plugin', () => {
  const fields: readonly Field[] = [
    { id: 'count', kind: 'number', label: 'Count', min: 1, max: 3, required: true, initial: 2 },
    { id: 'name', kind: 'text', label: 'Name', maxLength: 3, tab: 'Travel' },
    { id: 'day', kind: 'date', label: 'Day', min: '2026-02-01', tab: 'Travel' },
    { id: 'stay', kind: 'date-range', label: 'Stay' },
    { id: 'plan', kind: 'text', label: 'Plan', initial: 'free', disabled: true, required: true },
  ];

  it('begin with what is kept, else with their own defaults', () => {
    expect(startOf(fields, { name: 'Ada', gone: 1 })).toEqual({ count: 2, name: 'Ada', plan: 'free' });
  });

  it('say beside each what does not fit', () => {
    const keys = (values: Parameters<typeof problemsOf>[1]) =>
      Object.fromEntries([...problemsOf(fields, values)].map(([id, { key }]) => [id, key]));
    expect(keys({ count: 2 })).toEqual({});
    expect(keys({ count: 9, name: 'long', day: '2026-01-31', stay: ['2026-05-02', '2026-05-01'] })).toEqual({
      count: 'field.atMost',
      name: 'field.tooLong',
      day: 'field.notBefore',
      stay: 'field.order',
    });
    expect(keys({ count: null, stay: ['2026-05-02', ''] })).toEqual({ count: 'field.required', stay: 'field.bothDays' });
  });

  it('send what is filled in, and take away what was emptied only where values are kept', () => {
    const values = { count: 2, name: '', plan: 'changed' };
    expect(sentOf(fields, values)).toEqual({ count: 2 });
    expect(changesOf(fields, values)).toEqual({ count: 2, name: null, day: null, stay: null });
  });

  it('stand on the tabs that they name, those without one first', () => {
    expect(tabsOf(fields).map(({ title, fields: own }) => [title, own.map(({ id }) => id)])).toEqual([
      [null, ['count', 'stay', 'plan']],
      ['Travel', ['name', 'day']],
    ]);
  });
});
