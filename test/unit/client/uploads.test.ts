import { describe, expect, it } from 'vitest';
import { RequestError } from '../../../public/app/state/request-error.ts';
import { createUploads, type UploadSource } from '../../../public/app/state/uploads.ts';
import type { StoredFile } from '../../../src/protocol/shapes.ts';

const stored: StoredFile = { id: 'f1', url: '/api/files/f1', mime: 'image/png', size: 3, width: 1, height: 1, name: 'a.png' };
const source: UploadSource = { name: 'a.png', size: 3, type: 'image/png' };

function setup(answers: (RequestError | StoredFile)[]) {
  let ids = 0;
  const uploads = createUploads({
    newId: () => `u${++ids}`,
    transfer: async () => {
      const answer = answers.shift() ?? new RequestError('NETWORK');
      if (answer instanceof RequestError) throw answer;
      return answer;
    },
    preview: () => null,
    releasePreview: () => {},
    limits: () => null,
  });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { uploads, settled };
}

describe('the pictures of a message', () => {
  it('can be sent again after a failure, and lose the error', async () => {
    const { uploads, settled } = setup([new RequestError('NETWORK'), stored]);
    uploads.add('', [source]);
    await settled();
    expect(uploads.items.value[0]).toMatchObject({ state: 'failed' });
    uploads.retry('u1');
    expect(uploads.items.value[0]).toMatchObject({ state: 'uploading', progress: 0 });
    expect(uploads.items.value[0]).not.toHaveProperty('error');
    await settled();
    expect(uploads.items.value[0]).toMatchObject({ state: 'done', file: stored });
  });

  it('are not sent again once they were removed', async () => {
    const { uploads, settled } = setup([new RequestError('NETWORK'), stored]);
    uploads.add('', [source]);
    await settled();
    uploads.remove('u1');
    uploads.retry('u1');
    expect(uploads.items.value).toEqual([]);
  });
});
