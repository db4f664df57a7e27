import type { StoredFile } from '../../protocol/index.ts';
import type { PreparedImage } from '../ports/image-codec.ts';

/** What jobs need of uploads. */
export interface JobUploads {
  /** Those of the person that exist, by id. */
  find(ownerId: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, StoredFile>>;
  /** Hex SHA-256 of the stored picture. @throws AppError NOT_FOUND for an unknown file and for somebody else's */
  describe(ownerId: string, fileId: string, variant: 'original'): Promise<{ readonly file: StoredFile; readonly sha256: string }>;
  /** Writes the bytes into a new file. @throws AppError NOT_FOUND */
  copyTo(ownerId: string, fileId: string, path: string): Promise<void>;
  /** Stores pictures that were prepared already; the files are left where they are. @throws AppError TOO_LARGE for the person's space */
  storePrepared(ownerId: string, prepared: PreparedImage, name?: string): Promise<StoredFile>;
  /** Removes files that nothing refers to yet. */
  discard(ownerId: string, fileIds: readonly string[]): Promise<void>;
  refer(ownerId: string, fileIds: readonly string[], referrerId: string): Promise<void>;
  release(ownerId: string, referrerId: string): Promise<void>;
}

/** How work of a kind ended, for who decides whether its plugin is well. */
export type KindOutcome = 'succeeded' | 'plugin-failed' | 'worker-lost';

/** What was done before, by owner, input, kind, version, parameters and level. */
export interface JobResultCache {
  get(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Uint8Array): Promise<void>;
}
