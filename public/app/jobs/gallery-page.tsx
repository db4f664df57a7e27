import '../../styles/page.css';
import '../../styles/jobs.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Page } from '../../../src/protocol/rest.ts';
import type { GalleryItem } from '../../../src/protocol/work-shapes.ts';
import { useApp } from '../app-context.ts';
import { moment } from '../state/amounts.ts';
import { createPaged, type Paged } from '../state/paged.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FactList } from '../ui/fact-list.tsx';
import { CompareLarge } from './compare-dialog.tsx';
import { joined, provenanceFacts, sizeWords } from './job-words.ts';
import { MoreMarker } from './more-marker.tsx';
import { PageList } from './page-list.tsx';

const pageSize = 40;
/** A job may have made several pictures. */
const keyOf = (item: GalleryItem) => `${item.id} ${item.file.id}`;

/** Every picture that was made here, newest first, with where it comes from. */
export function GalleryPage() {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [open, setOpen] = useState<string | null>(null);
  const list = useMemo(
    () =>
      createPaged<GalleryItem>(
        (cursor) =>
          state.rest.get<Page<GalleryItem>>(
            `/api/gallery?${new URLSearchParams({ limit: String(pageSize), ...(cursor === null ? {} : { cursor }) })}`,
          ),
        keyOf,
      ),
    [],
  );
  useEffect(() => {
    void list.load();
    const stop = state.jobs.onEnd((job) => void (job.status === 'succeeded' && list.load()));
    return () => {
      stop();
      list.stop();
    };
  }, []);
  const view = list.view.value;
  const item = view.items.find((one) => keyOf(one) === open);
  return (
    <div class="page-column">
      <PageList
        view={view}
        label={t('gallery.loading')}
        onRetry={() => void list.load()}
        empty={{ icon: 'gallery', title: t('gallery.none'), hint: t('gallery.noneHint') }}
        count={view.items.length}
      >
        <ul class="gallery-grid">
          {view.items.map((one) => (
            <li key={keyOf(one)}>
              <Tile item={one} title={actions.jobs.titleOf(one.kind)} onOpen={() => setOpen(keyOf(one))} />
            </li>
          ))}
        </ul>
      </PageList>
      <MoreMarker list={list} />
      <Lightbox item={item} list={list} onMove={setOpen} />
    </div>
  );
}

function Tile({ item, title, onOpen }: { readonly item: GalleryItem; readonly title: string; readonly onOpen: () => void }) {
  const { i18n } = useApp();
  const { file } = item;
  const when = moment(i18n, item.createdAt);
  return (
    <button type="button" class="gallery-tile" aria-label={i18n.t('gallery.open', { title, when })} onClick={onOpen}>
      <img src={file.url} alt="" width={file.width} height={file.height} loading="lazy" decoding="async" />
      <span class="gallery-caption" aria-hidden="true">
        <span>{title}</span>
        <span dir="ltr">{sizeWords(i18n, file)}</span>
      </span>
    </button>
  );
}

interface LightboxProps {
  readonly item: GalleryItem | undefined;
  readonly list: Paged<GalleryItem>;
  readonly onMove: (key: string | null) => void;
}

function Lightbox({ item, list, onMove }: LightboxProps) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [asking, setAsking] = useState<GalleryItem | null>(null);
  const close = () => onMove(null);
  const remove = async (gone: GalleryItem) => {
    setAsking(null);
    close();
    const before = list.view.peek().items;
    list.change((items) => items.filter(({ id }) => id !== gone.id));
    try {
      await state.rest.remove(`/api/gallery/${gone.id}`);
    } catch (cause) {
      list.change(() => before);
      actions.fail(cause);
    }
  };
  return (
    <>
      <Dialog
        open={item !== undefined}
        onClose={close}
        title={item === undefined ? '' : actions.jobs.titleOf(item.kind)}
        closeLabel={t('action.close')}
        size="lg"
      >
        {item === undefined ? null : (
          <>
            <CompareLarge
              key={keyOf(item)}
              before={item.sources[0]}
              after={item.file}
              conversationId={item.conversationId}
              onLeave={close}
            />
            <Provenance item={item} />
            <div class="gallery-buttons">
              <Steps item={item} items={list.view.value.items} onMove={onMove} />
              {item.conversationId === undefined ? null : (
                <Button
                  size="sm"
                  onClick={() => {
                    close();
                    actions.jobs.show(item);
                  }}
                >
                  {t('jobs.jump')}
                </Button>
              )}
              <Button size="sm" variant="ghost" icon="trash" onClick={() => setAsking(item)}>
                {t('gallery.remove')}
              </Button>
            </div>
          </>
        )}
      </Dialog>
      <ConfirmDialog
        open={asking !== null}
        onClose={() => setAsking(null)}
        onConfirm={() => asking !== null && void remove(asking)}
        title={t('gallery.removeTitle')}
        confirmLabel={t('gallery.remove')}
        cancelLabel={t('action.cancel')}
        closeLabel={t('action.close')}
        danger
      >
        <p>{t('gallery.removeHint')}</p>
      </ConfirmDialog>
    </>
  );
}

function Steps({
  item,
  items,
  onMove,
}: {
  readonly item: GalleryItem;
  readonly items: readonly GalleryItem[];
  readonly onMove: (key: string) => void;
}) {
  const { t } = useApp().i18n;
  const at = items.indexOf(item);
  const [newer, older] = [items[at - 1], items[at + 1]];
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        icon="chevron-left"
        disabled={newer === undefined}
        onClick={() => newer !== undefined && onMove(keyOf(newer))}
      >
        {t('gallery.newer')}
      </Button>
      <Button
        size="sm"
        variant="ghost"
        icon="chevron-right"
        disabled={older === undefined}
        onClick={() => older !== undefined && onMove(keyOf(older))}
      >
        {t('gallery.older')}
      </Button>
    </>
  );
}

function Provenance({ item }: { readonly item: GalleryItem }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { params } = item.provenance;
  const chosen =
    typeof params === 'object' && params !== null && !Array.isArray(params)
      ? Object.entries(params).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      : [];
  const facts: [string, string][] = [
    [t('gallery.made'), joined(i18n, provenanceFacts(i18n, item.plugin, item.provenance))],
    [t('gallery.when'), moment(i18n, item.createdAt)],
    ...(chosen.length === 0 ? [] : [[t('gallery.params'), joined(i18n, chosen)] satisfies [string, string]]),
    ...(item.sources.length === 0
      ? []
      : [
          [
            t('gallery.source'),
            joined(
              i18n,
              item.sources.map((file) => file.name ?? sizeWords(i18n, file)),
            ),
          ] satisfies [string, string],
        ]),
  ];
  return <FactList class="gallery-facts" facts={facts} />;
}
