import { useEffect, useRef } from 'preact/hooks';
import { errorTable, isErrorCode } from '../../../src/protocol/errors.ts';
import type { StoredFile } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { inWords } from '../state/plugin-words.ts';
import type { UploadItem } from '../state/uploads.ts';
import { iconFrom } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';

/** The pictures that go with the next message. */
export function AttachmentTray({ scope }: { readonly scope: string }) {
  const { uploads, i18n } = useApp();
  const items = uploads.items.value.filter((item) => item.scope === scope);
  if (items.length === 0) return null;
  return (
    <ul class="tray" aria-label={i18n.t('composer.attachments')}>
      {items.map((item) => (
        <Attachment key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Attachment({ item }: { readonly item: UploadItem }) {
  const { uploads, i18n } = useApp();
  const { t } = i18n;
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => bar.current?.style.setProperty('--share', String(item.progress)), [item.progress, item.state]);
  const problem = item.error === undefined ? null : explain(i18n, item.error);
  return (
    <li class="tray-item" data-state={item.state} title={problem ?? item.name}>
      {item.previewUrl === null || problem !== null ? null : <img src={item.previewUrl} alt={item.name} />}
      {item.state === 'uploading' ? (
        <span
          ref={bar}
          class="tray-progress"
          role="progressbar"
          aria-label={t('composer.uploadOf', { name: item.name })}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(item.progress * 100)}
        />
      ) : null}
      {problem === null ? null : (
        <span class="tray-error" role="alert">
          {problem}
        </span>
      )}
      {item.error !== undefined && mayWork(item.error.code) ? (
        <IconButton
          icon="refresh"
          size="sm"
          class="tray-retry"
          label={t('composer.retryFile', { name: item.name })}
          tooltip="none"
          onClick={() => uploads.retry(item.id)}
        />
      ) : null}
      {item.file === undefined ? null : <WorkMenu item={item} file={item.file} />}
      <IconButton
        icon="close"
        size="sm"
        class="tray-remove"
        label={t('composer.removeFile', { name: item.name })}
        tooltip="none"
        onClick={() => uploads.remove(item.id)}
      />
    </li>
  );
}

/** What the plugins can do with a picture before it is sent: it leaves the tray for the card of its work. */
function WorkMenu({ item, file }: { readonly item: UploadItem; readonly file: StoredFile }) {
  const { state, uploads, i18n, actions } = useApp();
  const { t } = i18n;
  const offered = state.plugins.pictureActions.value;
  if (offered.length === 0) return null;
  const label = t('picture.actions', { name: item.name });
  const place = item.scope === '' ? { begins: true } : { conversationId: item.scope };
  return (
    <Menu
      label={label}
      items={[
        ...offered.map((action) => ({
          id: action.id,
          label: inWords(i18n, action.title),
          icon: iconFrom(action.icon, 'sparkle'),
          onSelect: () => {
            if (action.kind !== undefined) uploads.remove(item.id);
            actions.jobs.runAction(action, { file, ...place });
          },
        })),
        {
          id: 'more',
          label: t('picture.more'),
          icon: 'settings' as const,
          onSelect: () => actions.jobs.choose({ files: [file], ...place }),
        },
      ]}
      trigger={(menu) => <IconButton {...menu} icon="wand" size="sm" class="tray-work" label={label} tooltip="none" />}
    />
  );
}

/** Whether sending the same file again can end better. */
function mayWork(code: string): boolean {
  return isErrorCode(code) ? errorTable[code].retryable : true;
}
