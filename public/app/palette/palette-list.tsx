import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Marked } from '../shell/marked.tsx';
import { Icon } from '../ui/icon.tsx';
import type { ShownGroup } from './choose-entries.ts';
import { KeyCaps } from './key-caps.tsx';
import type { PaletteEntry } from './palette-entry.ts';

export interface PaletteListProps {
  readonly id: string;
  readonly groups: readonly ShownGroup<PaletteEntry>[];
  readonly active: string | undefined;
  readonly query: string;
  /** More may come. */
  readonly waiting: boolean;
  readonly onPoint: (entry: PaletteEntry) => void;
  readonly onRun: (entry: PaletteEntry) => void;
}

/** What fits, in groups; the chosen one stays in sight. */
export function PaletteList({ id, groups, active, query, waiting, onPoint, onRun }: PaletteListProps) {
  const { t } = useApp().i18n;
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (list.current === null) return;
    if (active === groups[0]?.entries[0]?.id) list.current.scrollTop = 0;
    else list.current.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <>
      <div ref={list} id={id} class="cmdk-list" role="listbox" aria-label={t('palette.results')}>
        {groups.map(({ group, entries }) => (
          <div key={group} role="group" aria-labelledby={`${id}-group-${group}`}>
            <div class="cmdk-group" id={`${id}-group-${group}`} role="presentation">
              {t(query === '' && group === 'chats' ? 'palette.group.recent' : `palette.group.${group}`)}
            </div>
            {entries.map((entry) => (
              <Option
                key={entry.id}
                id={`${id}-${entry.id}`}
                entry={entry}
                selected={entry.id === active}
                onPoint={onPoint}
                onRun={onRun}
              />
            ))}
          </div>
        ))}
      </div>
      {groups.length > 0 ? null : (
        <p class="cmdk-nothing" role="status">
          {waiting ? t('palette.searching') : t('sidebar.nothing', { query })}
        </p>
      )}
    </>
  );
}

interface OptionProps extends Pick<PaletteListProps, 'onPoint' | 'onRun'> {
  readonly id: string;
  readonly entry: PaletteEntry;
  readonly selected: boolean;
}

function Option({ id, entry, selected, onPoint, onRun }: OptionProps) {
  const { t } = useApp().i18n;
  const { icon, label, ranges, hint, hintRanges, keys, chosen, group } = entry;
  return (
    <div
      id={id}
      class="cmdk-option"
      role="option"
      aria-selected={selected}
      data-stacked={group === 'chats' && hint !== undefined ? '' : undefined}
      onPointerMove={() => selected || onPoint(entry)}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onRun(entry)}
    >
      <Icon name={icon} size="sm" />
      <span class="cmdk-words">
        <span class="cmdk-label page-side" dir={group === 'commands' ? 'ltr' : 'auto'}>
          <Marked text={label} ranges={ranges} />
        </span>
        {hint === undefined ? null : (
          <span class="cmdk-hint page-side" dir="auto">
            <Marked text={hint} ranges={hintRanges} />
          </span>
        )}
      </span>
      {chosen ? (
        <>
          <Icon name="check" size="sm" />
          <span class="visually-hidden">{t('palette.chosen')}</span>
        </>
      ) : null}
      {keys === undefined ? null : <KeyCaps keys={keys} />}
    </div>
  );
}
