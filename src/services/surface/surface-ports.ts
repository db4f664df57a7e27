import type { SurfaceEvent } from '../../core/index.ts';
import type { StoredFile } from '../../protocol/index.ts';

/** What a plugin shows of itself in a message, one part each. */
export type PartEvent = Extract<SurfaceEvent, { type: 'step' | 'element' | 'actions' | 'ask' | 'tasks' | 'remove' }>;

export function isPartEvent(event: SurfaceEvent | { readonly type: 'note' }): event is PartEvent {
  return ['step', 'element', 'actions', 'ask', 'tasks', 'remove'].includes(event.type);
}

/** Where something is shown, and by whom. */
export interface PartPlace {
  readonly ownerId: string;
  readonly plugin: string;
  readonly conversationId: string;
  readonly messageId: string;
  /** en, fa or ar: the language of the person. */
  readonly locale: string;
}

/** Where the bytes of elements and of answers lie. */
export interface SurfaceFiles {
  /** A picture is decoded and made anew. @throws AppError IMAGE_UNREADABLE, UNSUPPORTED_MEDIA, TOO_LARGE */
  storeGenerated(ownerId: string, picture: { readonly data: Uint8Array; readonly name?: string }): Promise<StoredFile>;
  /** @throws AppError TOO_LARGE */
  storePlain(
    ownerId: string,
    bytes: { readonly mime: string; readonly name?: string | undefined; readonly source: Uint8Array | { readonly path: string } },
  ): Promise<StoredFile>;
  /** Those of the person that exist. */
  find(ownerId: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, StoredFile>>;
  open(
    ownerId: string,
    fileId: string,
    variant: 'original',
  ): Promise<{ readonly file: StoredFile; readonly mime: string; readonly stream: AsyncIterable<Uint8Array> }>;
  /** They are kept as long as the conversation is. @throws AppError NOT_FOUND */
  refer(ownerId: string, fileIds: readonly string[], conversationId: string): Promise<void>;
}
