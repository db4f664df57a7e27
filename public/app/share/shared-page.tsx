import '../../styles/shared-page.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { createLocalStore } from '../browser/local-store.ts';
import { Logo } from '../shell/logo.tsx';
import { LanguageMenu, ThemeMenu } from '../shell/preference-menus.tsx';
import { toRequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { copyShared } from './continue-copy.ts';
import { keepWish } from './continue-wish.ts';
import { Reader } from './reader.tsx';
import { createSharedCopy, type SharedCopy } from './shared-copy.ts';
import { SharedMore } from './shared-more.tsx';

/** A shared copy, for anybody with the link. */
export function SharedPage({ id }: { readonly id: string }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const copy = useMemo(() => createSharedCopy({ fetch: (path, init) => fetch(path, init), id }), [id]);
  useEffect(() => {
    void copy.messages.load();
    return () => copy.messages.stop();
  }, [copy]);
  const about = copy.about.value;
  useEffect(() => {
    document.title = `${about?.title || t('shared.copy')} · ${t('app.name')}`;
  }, [about?.title, i18n.locale.value]);
  return (
    <div class="shared">
      <header class="shared-bar">
        <a class="shared-home" href="/" title={t('shared.home')}>
          <Logo size="sm" />
          <span>{t('app.name')}</span>
        </a>
        <span class="shared-tools">
          {about === null ? null : <PrintButton copy={copy} />}
          <LanguageMenu />
          <ThemeMenu />
        </span>
      </header>
      <main class="shared-main" id="shared" tabIndex={-1}>
        {about === null ? <Waiting copy={copy} /> : <Copy copy={copy} about={about} />}
      </main>
      {about === null ? null : <Foot id={id} />}
    </div>
  );
}

interface CopyProps {
  readonly copy: SharedCopy;
  readonly about: NonNullable<SharedCopy['about']['value']>;
}

function Copy({ copy, about }: CopyProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const date = i18n.date(about.createdAt, { dateStyle: 'long' });
  return (
    <>
      <header class="shared-head">
        <h1 dir="auto">{about.title || t('conversation.untitled')}</h1>
        <p>
          {about.by === '' ? t('shared.copy') : t('shared.by', { name: about.by })}
          {' · '}
          {t('shared.date', { date })}
        </p>
      </header>
      <Reader messages={copy.messages.view.value.items} />
      <SharedMore list={copy.messages} />
    </>
  );
}

/** Paper has no more to load: all pages first, then the browser's own dialog. */
function PrintButton({ copy }: { readonly copy: SharedCopy }) {
  const { i18n, actions } = useApp();
  const [busy, setBusy] = useState(false);
  async function print(): Promise<void> {
    setBusy(true);
    try {
      while (copy.messages.view.peek().nextCursor !== null) {
        await copy.messages.loadMore();
        const { error } = copy.messages.view.peek();
        if (error !== null) throw error;
      }
      for (const picture of document.querySelectorAll<HTMLImageElement>('.reader img')) picture.loading = 'eager';
      await Promise.all([...document.querySelectorAll<HTMLImageElement>('.reader img')].map((picture) => picture.decode().catch(() => {})));
      window.print();
    } catch (cause) {
      actions.fail(cause);
    } finally {
      setBusy(false);
    }
  }
  return <IconButton icon="print" label={i18n.t('shared.print')} tooltip="below" disabled={busy} onClick={() => void print()} />;
}

function Waiting({ copy }: { readonly copy: SharedCopy }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { error } = copy.messages.view.value;
  if (error === null) {
    return (
      <div class="shared-waiting" role="status" aria-busy="true" aria-label={t('shared.loading')}>
        <Skeleton lines={8} />
      </div>
    );
  }
  const gone = error.code === 'NOT_FOUND';
  return (
    <div class="shared-state" role="alert">
      <h1>{t(gone ? 'shared.gone' : 'shared.failed')}</h1>
      <p>{gone ? t('shared.goneText') : explain(i18n, error)}</p>
      {gone ? (
        <a class="ui-button" data-variant="secondary" data-size="md" href="/">
          {t('shared.home')}
        </a>
      ) : (
        <Button onClick={() => void copy.messages.load()}>{t('action.retry')}</Button>
      )}
    </div>
  );
}

/** What took the place of the button that was pressed. */
const focusAtOnce = (link: HTMLAnchorElement | null): void => link?.focus();

/** Going on with it: at once for who is signed in, after the sign-in for everybody else. */
function Foot({ id }: { readonly id: string }) {
  const { state, i18n, actions } = useApp();
  const { t } = i18n;
  const [phase, setPhase] = useState<'ready' | 'busy' | 'sign-in'>('ready');

  async function go(): Promise<void> {
    setPhase('busy');
    try {
      location.assign(`/c/${(await copyShared(state.rest, id)).id}`);
    } catch (cause) {
      const error = toRequestError(cause);
      if (error.code !== 'UNAUTHENTICATED') actions.fail(error);
      else
        keepWish(
          createLocalStore(() => sessionStorage),
          id,
        );
      setPhase(error.code === 'UNAUTHENTICATED' ? 'sign-in' : 'ready');
    }
  }

  return (
    <footer class="shared-foot">
      <p>{t(phase === 'sign-in' ? 'shared.signInText' : 'shared.note')}</p>
      {phase === 'sign-in' ? (
        <a class="ui-button" data-variant="primary" data-size="md" href="/" ref={focusAtOnce}>
          {t('shared.signIn')}
        </a>
      ) : (
        <Button variant="primary" icon="edit" busy={phase === 'busy'} onClick={() => void go()}>
          {t('shared.continue')}
        </Button>
      )}
    </footer>
  );
}
