import type { StoredFile } from '../../../src/protocol/shapes.ts';
import { RequestError } from '../state/request-error.ts';
import { readError, requestedWith } from '../state/rest.ts';

/** Sends one file. XMLHttpRequest, because fetch does not tell how much was sent. @throws RequestError */
export function transferFile(
  file: File,
  progress: (share: number) => void,
  signal: AbortSignal,
  path = '/api/uploads',
): Promise<StoredFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append('file', file, file.name);
    request.open('POST', path);
    request.setRequestHeader(...requestedWith);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      if (request.status !== 201) return reject(readError(request.responseText, request.status));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's shape
      const answer = JSON.parse(request.responseText) as { file: StoredFile };
      resolve(answer.file);
    });
    request.addEventListener('error', () => reject(new RequestError('NETWORK')));
    request.addEventListener('abort', () => reject(new RequestError('CANCELLED')));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}
