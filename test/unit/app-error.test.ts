import { expect, it } from 'vitest';
import { AppError } from '../../src/lib/app-error.ts';

it('names a full disk, without the path that the system says', () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write '/srv/data/x'"), { code: 'ENOSPC' });
  const known = AppError.from(error);
  expect([known.code, known.cause]).toEqual(['STORE_UNAVAILABLE', error]);
  expect(known.message).toBe('The disk of this server is full. The operator has to make room; then try again.');
});
