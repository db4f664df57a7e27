import { expect, it } from 'vitest';
import { messageSchema, type Part } from '../../../src/protocol/index.ts';
import type { MessageRecord } from '../../../src/services/conversations/message-record.ts';
import { filesShownIn, sharedMessage } from '../../../src/services/shares/shared-message.ts';

const file = (fileId: string) => ({ fileId, url: `/api/files/${fileId}`, mime: 'image/png' });
const record = (parts: readonly Part[]): MessageRecord => ({
  ...{ id: 'secret-message', conversationId: 'secret-conversation', ownerId: 'secret-owner', parentId: 'secret-parent' },
  ...{ role: 'assistant', status: 'failed', parts, model: 'm', createdAt: 0, words: ['secret-word'] },
  usage: { inputTokens: 1, outputTokens: 1, thoughtTokens: 0, totalTokens: 2 },
  error: { code: 'INTERNAL', message: 'It failed.', requestId: 'secret-request', params: { host: 'secret-param' } },
  feedback: { value: -1, comment: 'secret-comment' },
  generationId: 'secret-generation',
  raw: 'secret-raw',
});

const parts: readonly Part[] = [
  { type: 'thought', text: 'secret-thought' },
  { type: 'step', stepId: 'secret-step', name: 'search', input: 'secret-input', output: 'secret-output' },
  { type: 'step', stepId: 'secret-child', parentStepId: 'secret-step', name: 'read' },
  { type: 'text', text: 'An answer.' },
  {
    type: 'image',
    ...file('secret-image'),
    provenance: { kind: 'upscale', jobId: 'secret-job', sources: ['secret-source'], params: { prompt: 'secret-prompt' } },
  },
  { type: 'image', ...file('secret-gone') },
  { type: 'job', jobId: 'secret-job' },
  { type: 'ask', askId: 'secret-ask', spec: { kind: 'text', prompt: 'Where do you live?' }, status: 'answered', answer: 'secret-address' },
  { type: 'actions', actionsId: 'secret-actions', items: [{ actionId: 'plugin.secret-action', label: 'Go' }] },
  { type: 'tasks', tasksId: 'secret-tasks', items: [{ id: 'secret-task', title: 'Read', status: 'done', messageId: 'secret-other' }] },
  {
    ...{ type: 'element', elementId: 'secret-element', kind: 'custom', name: 'Card', display: 'inline' },
    tree: {
      node: 'card',
      children: [
        { node: 'image', fileId: 'secret-tree-file' },
        { node: 'text', text: 'Hello', actionId: 'secret-hidden', payload: { id: 'secret-payload' } },
        { node: 'button', text: 'Buy', actionId: 'plugin.buy', payload: { id: 'secret-payload' } },
      ],
    },
  },
  { type: 'element', elementId: 'secret-element-2', kind: 'pdf', name: 'Paper', display: 'side', file: { ...file('secret-pdf'), size: 1 } },
];
const numbers = new Map([
  ['secret-image', 1],
  ['secret-tree-file', 2],
  ['secret-pdf', 3],
]);
const fileNumber = (fileId: string) => numbers.get(fileId) ?? null;

it('shows what was said and shown, and nothing that only its owner may know or press', () => {
  const shared = sharedMessage(record(parts), 2, { shareId: 'link', details: false, fileNumber });
  expect(messageSchema.parse(shared)).toEqual(shared);
  expect(JSON.stringify(shared)).not.toContain('secret');
  expect(shared).toMatchObject({ id: 'm2', parentId: 'm1', conversationId: 'link', error: { code: 'INTERNAL' } });
  expect(shared.parts.map(({ type }) => type)).toEqual(['text', 'image', 'tasks', 'element', 'element']);
  expect(shared.parts[1]).toMatchObject({ fileId: 'f1', url: '/api/shared/link/files/f1', provenance: { kind: 'upscale' } });
  expect(shared.parts[3]).toMatchObject({
    tree: {
      children: [
        { node: 'image', fileId: 'f2' },
        { node: 'text', text: 'Hello' },
      ],
    },
  });
  expect(shared.parts[4]).toMatchObject({ file: { fileId: 'f3', url: '/api/shared/link/files/f3' } });
});

it('shows thoughts and steps where they are wanted, under names of its own', () => {
  const shared = sharedMessage(record(parts.slice(0, 3)), 1, { shareId: 'link', details: true, fileNumber });
  expect(shared.parts).toEqual([
    { type: 'thought', text: 'secret-thought' },
    { type: 'step', stepId: 's1-1', name: 'search', input: 'secret-input', output: 'secret-output' },
    { type: 'step', stepId: 's1-2', parentStepId: 's1-1', name: 'read' },
  ]);
});

it('knows every file of a message, also those in elements', () => {
  expect(filesShownIn(parts)).toEqual(['secret-image', 'secret-gone', 'secret-tree-file', 'secret-pdf']);
});
