import type { ConvertedExport, ConvertOptions, RefusedReason } from './convert-export.ts';

export interface ToWorker extends Omit<ConvertOptions, 'progress'> {
  readonly file: Blob;
}

export type FromWorker =
  | { readonly type: 'progress'; readonly read: number }
  | { readonly type: 'done'; readonly converted: ConvertedExport }
  | { readonly type: 'refused'; readonly reason: RefusedReason };
