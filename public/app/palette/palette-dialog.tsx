import '../../styles/palette.css';
import { useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { createConversationSearch } from '../state/conversation-search.ts';
import { createPrompts } from '../state/prompts.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { chooseEntries } from './choose-entries.ts';
import { KeyCaps } from './key-caps.tsx';
import type { PaletteEntry } from './palette-entry.ts';
import { PaletteList } from './palette-list.tsx';
import { useEntries } from './use-entries.ts';

const searchPauseMs = 150;
const pageStep = 8;

/** Finds and does anything by a few letters. The field keeps the focus; arrows choose in the list below it. */
export function PaletteDialog({ onClose }: DialogProps<'palette'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const id = useId();
  const query = useSignal('');
  const chosen = useSignal(0);
  const prompts = useMemo(() => createPrompts(state), []);
  const search = useMemo(() => createConversationSearch({ ...state, pauseMs: searchPauseMs, limit: 8 }), []);
  const dialog = useModal();
  useEffect(() => {
    void prompts.load();
    return () => {
      prompts.stop();
      search.clear();
    };
  }, []);
  const groups = chooseEntries(useEntries(prompts, search.items.value), query.value);
  const entries = groups.flatMap((group) => group.entries);
  const index = Math.min(chosen.value, Math.max(0, entries.length - 1));
  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    onClose();
    // What runs may move the focus: the dialog gives it back first.
    requestAnimationFrame(() => entry.run());
  };
  const step = (by: number) => {
    chosen.value = Math.abs(by) === 1 ? (index + by + entries.length) % Math.max(1, entries.length) : clamp(index + by, entries.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'PageDown') step(pageStep);
    else if (event.key === 'PageUp') step(-pageStep);
    else if (event.key === 'Enter') run(entries[index]);
    else if ((event.ctrlKey || event.metaKey) && (event.key.toLowerCase() === 'k' || event.code === 'KeyK')) onClose();
    else return;
    event.preventDefault();
  };
  const active = entries[index];
  return (
    <dialog
      ref={dialog}
      class="ui-dialog cmdk"
      aria-label={t('palette.title')}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div class="cmdk-head">
        <Icon name="search" />
        <input
          class="cmdk-input"
          type="text"
          dir="auto"
          autocomplete="off"
          spellcheck={false}
          maxLength={256}
          placeholder={t('palette.placeholder')}
          role="combobox"
          aria-label={t('palette.placeholder')}
          aria-expanded={entries.length > 0}
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={active === undefined ? undefined : `${id}-${active.id}`}
          onKeyDown={onKeyDown}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            chosen.value = 0;
            const words = query.peek().trim();
            search.search(words.startsWith('/') ? '' : words);
          }}
        />
        {search.phase.value === 'loading' ? <Spinner label={t('palette.searching')} /> : null}
        <IconButton icon="close" size="sm" label={t('action.close')} tooltip="none" onClick={onClose} />
      </div>
      <PaletteList
        id={id}
        groups={groups}
        active={active?.id}
        query={query.value.trim()}
        waiting={search.phase.value === 'loading'}
        onPoint={(entry) => {
          chosen.value = entries.indexOf(entry);
        }}
        onRun={run}
      />
      <p class="cmdk-foot" aria-hidden="true">
        <span>
          <KeyCaps keys="up" /> <KeyCaps keys="down" /> {t('palette.choose')}
        </span>
        <span>
          <KeyCaps keys="enter" /> {t('palette.run')}
        </span>
        <span>
          <KeyCaps keys="/" /> {t('palette.commandsOnly')}
        </span>
      </p>
    </dialog>
  );
}

const clamp = (index: number, count: number) => Math.max(0, Math.min(index, count - 1));

function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector('input')?.focus();
    return () => element?.close();
  }, []);
  return dialog;
}
