import '../../styles/find.css';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { findHits, type Hit, mostHits, placeOf } from './find-hits.ts';
import { clearMarks, markHits, scrollToRange } from './find-marks.ts';
import { foldText } from './fold-text.ts';

export interface FindBarProps {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

const typingMs = 120;
const remarkMs = 100;

/** Finds words in the conversation that is shown, older pages included, and walks from one place to the next. */
export function FindBar({ scroller, onClose }: FindBarProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [query, setQuery] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { hits, at, looking, go } = useHits(foldText(query.trim()), scroller);
  // In the step that draws it: what is typed on is meant for it.
  useLayoutEffect(() => field.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = event.key === 'Enter' ? (event.shiftKey ? 1 : -1) : event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0 && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (step === 0) onClose();
    else go(step);
  };
  const count = () => {
    if (query.trim() === '') return '';
    if (hits.length === 0) return looking ? t('find.looking') : t('find.none');
    const total = hits.length >= mostHits ? `${i18n.number(mostHits)}+` : i18n.number(hits.length);
    return t('find.count', { index: i18n.number(at + 1), total });
  };
  return (
    <search class="find-bar" aria-label={t('chat.find')}>
      <Icon name="search" size="sm" />
      <input
        ref={field}
        type="text"
        class="find-field"
        dir="auto"
        enterkeyhint="search"
        autocomplete="off"
        spellcheck={false}
        aria-label={t('chat.find')}
        placeholder={t('chat.find')}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="find-count" role="status">
        {count()}
      </span>
      <IconButton icon="chevron-up" size="sm" label={t('find.older')} tooltip="below" disabled={hits.length === 0} onClick={() => go(-1)} />
      <IconButton
        icon="chevron-down"
        size="sm"
        label={t('find.newer')}
        tooltip="below"
        disabled={hits.length === 0}
        onClick={() => go(1)}
      />
      <IconButton icon="close" size="sm" label={t('action.close')} tooltip="below" tooltipAlign="end" onClick={onClose} />
    </search>
  );
}

interface Hits {
  readonly hits: readonly Hit[];
  readonly at: number;
  readonly looking: boolean;
  go(step: 1 | -1): void;
}

function useHits(query: string, scroller: RefObject<HTMLElement | null>): Hits {
  const { state } = useApp();
  const thread = state.messages.current.value;
  const branch = thread?.branch.value;
  const [found, setFound] = useState<{ readonly hits: readonly Hit[]; readonly at: number }>({ hits: [], at: -1 });
  const [looking, setLooking] = useState(false);
  const shown = useRef<Hit | null>(null);
  const wanted = useRef(false);

  const show = (hits: readonly Hit[], at: number, move: boolean) => {
    const hit = hits[at] ?? null;
    const moved = hit !== null && (move || hit.messageId !== shown.current?.messageId || hit.nth !== shown.current.nth);
    shown.current = hit;
    setFound({ hits, at });
    if (hit === null || !moved) return;
    wanted.current = true;
    state.flow.show(hit.messageId, 'quiet');
  };

  // What is older than what was read so far is searched as well: it is read now.
  useEffect(() => {
    if (query === '') return;
    let open = true;
    setLooking(true);
    state.messages
      .loadAll(() => open)
      .catch(() => {})
      .finally(() => open && setLooking(false));
    return () => {
      open = false;
    };
  }, [query !== '', thread]);

  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const deps = {
        ...{
          ids: branch ?? [],
          message: (id: string) => thread?.message(id)?.peek(),
          now: () => performance.now(),
          signal: controller.signal,
        },
        pause: () => new Promise<void>((resolve) => setTimeout(resolve)),
      };
      findHits(query, deps).then(
        (hits) => !controller.signal.aborted && show(hits, placeOf(hits, shown.current), false),
        () => {},
      );
    }, typingMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, branch]);

  useMarks({ query, scroller, shown, wanted, at: found.at, hits: found.hits });
  return {
    ...found,
    looking,
    go(step) {
      const { hits, at } = found;
      if (hits.length > 0) show(hits, (at + step + hits.length) % hits.length, true);
    },
  };
}

interface Marked {
  readonly query: string;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly shown: RefObject<Hit | null>;
  /** The hit that is shown is to be brought into sight as soon as it is on the page. */
  readonly wanted: { current: boolean };
  readonly at: number;
  readonly hits: readonly Hit[];
}

/** Marks what is on the page, again whenever that changes. */
function useMarks({ query, scroller, shown, wanted, at, hits }: Marked): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mark = () => {
      timer = undefined;
      const range = markHits(element, query, shown.current);
      if (range === null || !wanted.current) return;
      wanted.current = false;
      scrollToRange(element, range);
    };
    const soon = () => {
      timer ??= setTimeout(mark, remarkMs);
    };
    const first = requestAnimationFrame(mark);
    const observer = new MutationObserver(soon);
    observer.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      cancelAnimationFrame(first);
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [query, at, hits]);
  useEffect(() => clearMarks, []);
}
