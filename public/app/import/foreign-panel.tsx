import type { ComponentChildren } from 'preact';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { FactList } from '../ui/fact-list.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import type { ConvertedExport } from './convert-export.ts';
import type { LeftOut } from './foreign-chat.ts';
import type { ForeignImport } from './foreign-import.ts';

export interface ForeignPanelProps {
  readonly store: ForeignImport;
  readonly onImport: (file: File) => void;
}

/** What stands in another program's export, before any of it is imported. */
export function ForeignPanel({ store, onImport }: ForeignPanelProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const view = store.view.value;
  switch (view.phase) {
    case 'idle':
      return null;
    case 'reading': {
      const share = view.total === 0 ? 0 : view.read / view.total;
      return (
        <div class="foreign">
          <ProgressBar label={t('foreign.reading', { name: view.name })} share={view.read === 0 ? null : share} />
          <p role="status">{t('foreign.reading', { name: view.name })}</p>
          <Buttons>
            <Button onClick={() => store.clear()}>{t('action.cancel')}</Button>
          </Buttons>
        </div>
      );
    }
    case 'refused':
      return (
        <p class="section-error" role="alert">
          {t(`foreign.${view.reason}`, { name: view.name })}
        </p>
      );
    case 'ready':
      return (
        <div class="foreign" role="group" aria-label={t('foreign.found')}>
          <Found name={view.name} found={view.found} />
          <Buttons>
            <Button
              variant="primary"
              buttonRef={focusAtOnce}
              onClick={() => {
                store.clear();
                onImport(new File([view.found.lines], view.name));
              }}
            >
              {t('foreign.import', { count: view.found.conversations })}
            </Button>
            <Button variant="ghost" onClick={() => store.clear()}>
              {t('action.cancel')}
            </Button>
          </Buttons>
        </div>
      );
  }
}

/** What was waited for. */
const focusAtOnce = (button: HTMLButtonElement | null): void => button?.focus();

const programs = { chatgpt: 'ChatGPT', claude: 'Claude', 'open-webui': 'Open WebUI' } as const;
const kinds: readonly LeftOut[] = ['picture', 'file', 'tool', 'other', 'empty', 'unreadable'];

function Found({ name, found }: { readonly name: string; readonly found: ConvertedExport }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { conversations, messages, from, to, left } = found;
  const day = (iso: string) => i18n.date(iso, { dateStyle: 'medium' });
  const missing = kinds.filter((kind) => left[kind] > 0);
  return (
    <>
      <p role="status">{t('foreign.foundIn', { program: programs[found.format], name })}</p>
      <FactList
        class="period-facts data-summary"
        facts={[
          [t('data.conversations'), i18n.number(conversations)] as const,
          [t('data.messages'), i18n.number(messages)] as const,
          ...(from === null || to === null ? [] : [[t('foreign.time'), from === to ? day(from) : `${day(from)} – ${day(to)}`] as const]),
        ]}
      />
      {missing.length === 0 ? (
        <p class="account-lead">{t('foreign.whole')}</p>
      ) : (
        <>
          <p class="account-lead">{t('foreign.left')}</p>
          <ul class="foreign-left">
            {missing.map((kind) => (
              <li key={kind}>{t(`foreign.left.${kind}`, { count: left[kind] })}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Buttons({ children }: { readonly children: ComponentChildren }) {
  return <div class="data-buttons">{children}</div>;
}
