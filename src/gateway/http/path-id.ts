import type { Request } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { idSchema } from '../../protocol/index.ts';

/** The `:id` of the address. @throws AppError NOT_FOUND: what cannot be an id belongs to nobody */
export function pathId(request: Request): string {
  return pathPart(request, 'id');
}

/** The `:name` of the address. @throws AppError NOT_FOUND */
export function pathName(request: Request): string {
  return pathPart(request, 'name');
}

function pathPart(request: Request, part: string): string {
  const id = idSchema.safeParse(request.params[part]);
  if (!id.success) throw new AppError('NOT_FOUND');
  return id.data;
}
