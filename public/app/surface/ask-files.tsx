import { useEffect, useRef, useState } from 'preact/hooks';
import type { StoredFile } from '../../../src/protocol/shapes.ts';
import type { AskSpec } from '../../../src/protocol/surface-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { transferFile } from '../browser/transfer-file.ts';
import { RequestError, toRequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import type { AskInputProps } from './ask-view.tsx';

export interface AskFilesProps extends AskInputProps {
  readonly spec: Extract<AskSpec, { kind: 'file' }>;
}

interface Item {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  readonly share: number | null;
  readonly stored?: StoredFile;
  readonly error?: RequestError;
}

/** A question that wants files: each goes up as it is chosen, all are handed over together. */
export function AskFiles({ askId, prompt, busy, spec, skip, onSend }: AskFilesProps) {
  const { i18n } = useApp();
  const { items, add, remove } = useAskFiles(askId, spec);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const most = spec.maxFiles ?? 1;
  const ready = items.length > 0 && items.every(({ stored }) => stored !== undefined);
  const limits = [
    i18n.t('ask.mostFiles', { count: most }),
    ...(spec.maxBytes === undefined ? [] : [i18n.t('ask.mostBytes', { size: i18n.bytes(spec.maxBytes) })]),
  ];
  return (
    <div class="ask-files">
      <div
        class="ask-drop"
        data-over={over ? '' : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          // The message field must not take it as well.
          event.stopPropagation();
          setOver(false);
          add([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <input
          ref={input}
          type="file"
          hidden
          multiple={most > 1}
          accept={spec.accept?.join(',')}
          onChange={({ currentTarget }) => {
            add([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
        <Button icon="paperclip" disabled={items.length >= most} onClick={() => input.current?.click()}>
          {i18n.t('ask.chooseFiles', { count: most })}
        </Button>
        <span class="ask-limits">{limits.join(' · ')}</span>
      </div>
      <ul class="ask-file-list" aria-label={prompt}>
        {items.map((item) => (
          <FileRow key={item.key} item={item} onRemove={() => remove(item.key)} />
        ))}
      </ul>
      <div class="ask-buttons">
        <Button variant="primary" busy={busy} disabled={!ready} onClick={() => onSend(items.flatMap(({ stored }) => stored?.id ?? []))}>
          {i18n.t('ask.sendFiles')}
        </Button>
        {skip}
      </div>
    </div>
  );
}

function FileRow({ item, onRemove }: { readonly item: Item; readonly onRemove: () => void }) {
  const { i18n } = useApp();
  const { name, size, share, stored, error } = item;
  return (
    <li class="ask-file" data-failed={error === undefined ? undefined : ''}>
      <Icon name={error !== undefined ? 'alert' : stored === undefined ? 'file' : 'check'} size="sm" />
      <span class="tile-words">
        <bdi class="tile-title">{name}</bdi>
        <span class="tile-hint" role={error === undefined ? undefined : 'alert'}>
          {error === undefined ? i18n.bytes(size) : explain(i18n, error)}
        </span>
      </span>
      {stored === undefined && error === undefined ? <ProgressBar label={i18n.t('ask.uploading', { name })} share={share} /> : null}
      <IconButton icon="close" size="sm" label={i18n.t('ask.removeFile', { name })} tooltip="none" onClick={onRemove} />
    </li>
  );
}

function useAskFiles(askId: string, spec: AskFilesProps['spec']) {
  const { state } = useApp();
  const { asks } = state.surface;
  const [items, setItems] = useState<readonly Item[]>(() => readItems(asks.readDraft(askId)));
  const next = useRef(items.length);
  const aborts = useRef(new Map<number, AbortController>());
  useEffect(
    () => () => {
      for (const abort of aborts.current.values()) abort.abort();
    },
    [],
  );
  useEffect(() => {
    const stored = items.flatMap((item) => item.stored ?? []);
    asks.keepDraft(askId, stored.length === 0 ? undefined : stored);
  }, [items]);
  const patch = (key: number, change: Partial<Item>) =>
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...change } : item)));

  function send(key: number, file: File): void {
    const abort = new AbortController();
    aborts.current.set(key, abort);
    transferFile(file, (share) => patch(key, { share }), abort.signal, `/api/asks/${askId}/files`)
      .then(
        (stored) => patch(key, { stored }),
        (cause: unknown) => abort.signal.aborted || patch(key, { error: toRequestError(cause) }),
      )
      .finally(() => aborts.current.delete(key));
  }

  return {
    items,
    add(files: readonly File[]) {
      const taken = files.slice(0, Math.max(0, (spec.maxFiles ?? 1) - items.length));
      for (const file of taken) {
        const key = next.current++;
        const item = { key, name: file.name, size: file.size, share: 0 };
        const tooLarge = spec.maxBytes !== undefined && file.size > spec.maxBytes;
        const error = new RequestError('TOO_LARGE', 'TOO_LARGE', { params: { maxBytes: spec.maxBytes ?? 0 } });
        setItems((all) => [...all, tooLarge ? { ...item, error } : item]);
        if (!tooLarge) send(key, file);
      }
    },
    remove(key: number) {
      aborts.current.get(key)?.abort();
      setItems((all) => all.filter((item) => item.key !== key));
    },
  };
}

/** What was sent before a reload is still on the server. */
function readItems(draft: unknown): readonly Item[] {
  if (!Array.isArray(draft)) return [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this page, from what the server answered
  const files = draft as readonly StoredFile[];
  return files.map((stored, key) => ({ key, name: stored.name ?? '', size: stored.size, share: 1, stored }));
}
