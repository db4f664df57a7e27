import type { Request } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { idSchema } from '../../protocol/index.ts';

/** The `:id` of the address. @throws AppError NOT_FOUND: what cannot be an id belongs to nobody */
export function pathId(request: Request): string {
  const id = idSchema.safeParse(request.params['id']);
  if (!id.success) throw new AppError('NOT_FOUND');
  return id.data;
}
