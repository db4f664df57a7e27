import { expect, it } from 'vitest';
import type { Part } from '../../../src/protocol/index.ts';
import { importedParts } from '../../../src/services/portability/import-parts.ts';
import type { FileRow } from '../../../src/services/uploads/upload-rows.ts';

const original = { mime: 'text/csv', size: 3, width: 0, height: 0, sha256: '' };
const row: FileRow = {
  ...{ id: 'mine', ownerId: 'ada', plain: true, bytes: 3, unusedSince: null, createdAt: '2026-01-01T00:00:00.000Z' },
  variants: { original },
};
const findFile = async (oldId: string) => (oldId === 'old' ? row : null);

const element = { type: 'element', elementId: 'e', kind: 'file', name: 'n', display: 'inline' } as const;
const file = (fileId: string) => ({ fileId, url: `/api/files/${fileId}`, mime: 'text/html', size: 3 });

it('takes the files of elements by what is stored here, and leaves out those of others', async () => {
  const parts: Part[] = [
    { ...element, file: file('old') },
    { ...element, file: file('somebody-elses') },
    {
      ...element,
      kind: 'custom',
      tree: {
        node: 'stack',
        children: [
          { node: 'image', fileId: 'other' },
          { node: 'image', fileId: 'old' },
        ],
      },
    },
    { ...element, kind: 'custom', tree: { node: 'image', fileId: 'other' } },
  ];
  expect(await importedParts(parts, findFile)).toEqual([
    { ...element, file: { ...file('old'), fileId: 'mine', url: '/api/files/mine', mime: 'text/csv' } },
    { ...element, kind: 'custom', tree: { node: 'stack', children: [{ node: 'image', fileId: 'mine' }] } },
  ]);
});

it('lets nobody wait for an answer to a question of another server, and takes over no job', async () => {
  const ask: Part = { type: 'ask', askId: 'a', spec: { kind: 'text', prompt: 'Your name?' }, status: 'open' };
  const answered: Part = { ...ask, status: 'answered', answer: 'Ada' };
  const parts: Part[] = [ask, answered, { type: 'job', jobId: 'j' }, { type: 'removed', of: 'step', id: 's' }, { type: 'text', text: 't' }];
  expect(await importedParts(parts, findFile)).toEqual([{ ...ask, status: 'cancelled' }, answered, { type: 'text', text: 't' }]);
});
