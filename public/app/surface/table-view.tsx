import { useMemo, useState } from 'preact/hooks';
import type { TableData } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { downloadText } from '../browser/download-text.ts';
import { useCopy } from '../chat/use-copy.ts';
import type { I18n } from '../state/i18n.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import {
  type Cell,
  type ColumnType,
  csvOf,
  isDay,
  nextSorting,
  pageOf,
  type Sorting,
  sortRows,
  timeOf,
  usualPageSize,
} from './table-model.ts';

export interface TableViewProps {
  readonly name: string;
  readonly table: TableData;
}

/** A table of a plugin: sorted by its heads, one page of it in the page. */
export function TableView({ name, table }: TableViewProps) {
  const { i18n } = useApp();
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [wanted, setWanted] = useState(0);
  const rows = useMemo(() => sortRows(table, sorting, i18n.locale.value), [table, sorting, i18n.locale.value]);
  const shown = pageOf(rows, wanted, table.pageSize ?? usualPageSize);
  const typeOf = (column: number): ColumnType => table.columns[column]?.type ?? 'text';
  const sort = (column: number) => {
    setSorting(nextSorting(sorting, column));
    setWanted(0);
  };
  return (
    <div class="table-view">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div class="table-scroll" tabIndex={0} role="region" aria-label={name}>
        <table class="data-table" aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {table.columns.map(({ title }, column) => {
                const order = sorting?.column === column ? (sorting.descending ? 'descending' : 'ascending') : undefined;
                return (
                  <th key={column} scope="col" aria-sort={order} data-type={typeOf(column)}>
                    <button type="button" class="table-sort" onClick={() => sort(column)}>
                      <bdi>{title}</bdi>
                      <span class="table-order" data-order={order}>
                        <Icon name={order === 'descending' ? 'chevron-down' : 'chevron-up'} size="sm" />
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row, index) => (
              <tr key={shown.from + index} aria-rowindex={shown.from + index + 1}>
                {table.columns.map((_, column) => (
                  <td key={column} data-type={typeOf(column)}>
                    <CellView cell={row[column] ?? null} type={typeOf(column)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p class="table-empty">{i18n.t('table.empty')}</p> : null}
      </div>
      <TableFoot name={name} columns={table.columns} rows={rows} shown={shown} onPage={setWanted} />
    </div>
  );
}

function CellView({ cell, type }: { readonly cell: Cell; readonly type: ColumnType }) {
  const { i18n } = useApp();
  if (type === 'boolean' && typeof cell === 'boolean') {
    return (
      <span class="table-flag" role="img" aria-label={i18n.t(cell ? 'table.yes' : 'table.no')} data-on={cell ? '' : undefined}>
        <Icon name={cell ? 'check' : 'close'} size="sm" />
      </span>
    );
  }
  // A column keeps one edge, whatever is written in it.
  return <bdi>{cellText(i18n, cell, type)}</bdi>;
}

/** A cell as a person reads it. */
export function cellText(i18n: I18n, cell: Cell, type: ColumnType): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return i18n.t(cell ? 'table.yes' : 'table.no');
  if (type === 'number' && cell !== '' && !Number.isNaN(Number(cell))) return i18n.number(Number(cell), { maximumFractionDigits: 6 });
  const time = type === 'date' ? timeOf(cell) : null;
  if (time !== null) return dateText(i18n, time, isDay(cell));
  return typeof cell === 'number' ? i18n.number(cell, { maximumFractionDigits: 6 }) : cell;
}

export function dateText(i18n: I18n, time: number, day: boolean): string {
  const iso = new Date(time).toISOString();
  return i18n.date(iso, day ? { dateStyle: 'medium', timeZone: 'UTC' } : { dateStyle: 'medium', timeStyle: 'short' });
}

interface TableFootProps {
  readonly name: string;
  readonly columns: TableData['columns'];
  readonly rows: TableData['rows'];
  readonly shown: ReturnType<typeof pageOf>;
  readonly onPage: (page: number) => void;
}

function TableFoot({ name, columns, rows, shown, onPage }: TableFootProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { copied, copy } = useCopy();
  const { page, pages, from, to } = shown;
  const copyLabel = t(copied ? 'action.copied' : 'table.copy');
  return (
    <div class="table-foot">
      <span class="table-count" role="status">
        {rows.length === 0 ? '' : pages === 1 ? t('table.rows', { count: rows.length }) : t('table.range', { from, to, all: rows.length })}
      </span>
      {pages === 1 ? null : (
        <span class="table-pages">
          <IconButton icon="chevron-left" size="sm" label={t('table.previous')} disabled={page === 0} onClick={() => onPage(page - 1)} />
          <span class="table-page">{t('table.page', { page: page + 1, pages })}</span>
          <IconButton
            icon="chevron-right"
            size="sm"
            label={t('table.next')}
            disabled={page === pages - 1}
            onClick={() => onPage(page + 1)}
          />
        </span>
      )}
      <span class="table-tools">
        <IconButton icon={copied ? 'check' : 'copy'} size="sm" label={copyLabel} onClick={() => copy(csvOf(columns, rows))} />
        <IconButton
          icon="download"
          size="sm"
          label={t('table.download')}
          tooltipAlign="end"
          // A mark at the beginning tells spreadsheets that it is UTF-8.
          onClick={() => downloadText(`${name}.csv`, 'text/csv', `\uFEFF${csvOf(columns, rows)}`)}
        />
      </span>
    </div>
  );
}
