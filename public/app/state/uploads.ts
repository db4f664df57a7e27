import { type ReadonlySignal, signal } from '@preact/signals';
import type { Limits, StoredFile } from '../../../src/protocol/shapes.ts';
import { RequestError, toRequestError } from './request-error.ts';

/** What the store needs of a browser's File. */
export interface UploadSource {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

export interface UploadItem {
  readonly id: string;
  /** The conversation it is attached in, '' for a new one. */
  readonly scope: string;
  readonly name: string;
  /** Share that was sent, 0..1. */
  readonly progress: number;
  readonly previewUrl: string | null;
  readonly state: 'uploading' | 'done' | 'failed';
  readonly file?: StoredFile;
  readonly error?: RequestError;
}

export interface UploadDeps<S extends UploadSource> {
  readonly newId: () => string;
  /** Sends one file. @throws RequestError */
  readonly transfer: (source: S, progress: (share: number) => void, signal: AbortSignal) => Promise<StoredFile>;
  readonly preview: (source: S) => string | null;
  readonly releasePreview: (url: string) => void;
  readonly limits: () => Pick<Limits, 'uploadBytes' | 'attachmentsPerMessage'> | null;
}

export interface Uploads<S extends UploadSource> {
  readonly items: ReadonlySignal<readonly UploadItem[]>;
  /** Starts sending. @returns what was refused at once, as an error */
  add(scope: string, sources: readonly S[]): RequestError | null;
  /** Sends a file again that failed. */
  retry(id: string): void;
  remove(id: string): void;
  /** Takes the finished files of a scope out: they belong to a message now. */
  take(scope: string): StoredFile[];
  /** Attaches files again that a message was to carry which is now edited. */
  putBack(scope: string, files: readonly StoredFile[]): void;
  clear(): void;
}

export function createUploads<S extends UploadSource>(deps: UploadDeps<S>): Uploads<S> {
  const items = signal<readonly UploadItem[]>([]);
  const controllers = new Map<string, AbortController>();
  const held = new Map<string, S>();

  function update(id: string, change: Partial<UploadItem>): void {
    items.value = items.value.map((item) => (item.id === id ? { ...item, ...change } : item));
  }

  async function send(id: string, source: S): Promise<void> {
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      const file = await deps.transfer(source, (progress) => update(id, { progress }), controller.signal);
      update(id, { state: 'done', progress: 1, file });
    } catch (cause) {
      update(id, { state: 'failed', error: toRequestError(cause) });
    } finally {
      controllers.delete(id);
    }
  }

  function drop(ids: ReadonlySet<string>): void {
    for (const item of items.value) {
      if (!ids.has(item.id)) continue;
      controllers.get(item.id)?.abort();
      held.delete(item.id);
      if (item.previewUrl !== null) deps.releasePreview(item.previewUrl);
    }
    items.value = items.value.filter((item) => !ids.has(item.id));
  }

  return {
    items,
    add(scope, sources) {
      const limits = deps.limits();
      let refused: RequestError | null = null;
      for (const source of sources) {
        const used = items.value.filter((item) => item.scope === scope).length;
        refused = refusal(source, used, limits) ?? refused;
        if (refusal(source, used, limits) !== null) continue;
        const id = deps.newId();
        const item: UploadItem = { id, scope, name: source.name, progress: 0, previewUrl: deps.preview(source), state: 'uploading' };
        items.value = [...items.value, item];
        held.set(id, source);
        void send(id, source);
      }
      return refused;
    },
    retry(id) {
      const source = held.get(id);
      if (source === undefined || controllers.has(id)) return;
      items.value = items.value.map((item) => (item.id === id ? { ...without(item), state: 'uploading', progress: 0 } : item));
      void send(id, source);
    },
    remove: (id) => drop(new Set([id])),
    take(scope) {
      const done = items.value.filter((item) => item.scope === scope && item.file !== undefined);
      const files = done.flatMap((item) => (item.file === undefined ? [] : [item.file]));
      drop(new Set(done.map((item) => item.id)));
      return files;
    },
    putBack(scope, files) {
      const back = files.map((file) => ({
        id: deps.newId(),
        scope,
        name: file.name ?? '',
        progress: 1,
        previewUrl: file.url,
        state: 'done' as const,
        file,
      }));
      items.value = [...items.value, ...back];
    },
    clear: () => drop(new Set(items.value.map((item) => item.id))),
  };
}

function without({ error: _, ...item }: UploadItem): UploadItem {
  return item;
}

/** The server decides by the content; this only spares a transfer that is sure to be refused. */
function refusal(
  source: UploadSource,
  used: number,
  limits: Pick<Limits, 'uploadBytes' | 'attachmentsPerMessage'> | null,
): RequestError | null {
  if (!source.type.startsWith('image/')) return new RequestError('UNSUPPORTED_MEDIA');
  if (limits === null) return null;
  const over = limits.uploadBytes > 0 && source.size > limits.uploadBytes;
  const many = limits.attachmentsPerMessage > 0 && used >= limits.attachmentsPerMessage;
  return over || many ? new RequestError('TOO_LARGE') : null;
}
