import type { TableData } from '../../../src/protocol/surface-shapes.ts';

export type Cell = TableData['rows'][number][number];
export type ColumnType = NonNullable<TableData['columns'][number]['type']>;

export interface Sorting {
  readonly column: number;
  readonly descending: boolean;
}

export const usualPageSize = 20;

/** Up, down, and back to the order in which the plugin gave the rows. */
export function nextSorting(now: Sorting | null, column: number): Sorting | null {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? null : { column, descending: true };
}

/** Rows in the order that is asked for. What is empty stands at the end either way; equal rows keep their order. */
export function sortRows(table: TableData, sorting: Sorting | null, locale: string): TableData['rows'] {
  if (sorting === null) return table.rows;
  const type = table.columns[sorting.column]?.type ?? 'text';
  const keys = table.rows.map((row) => sortKey(row[sorting.column] ?? null, type));
  const ranks = ranksOf(keys, locale);
  const direction = sorting.descending ? -1 : 1;
  return table.rows
    .map((row, index) => ({ row, rank: ranks[index] ?? null }))
    .sort((a, b) => {
      if (a.rank === null || b.rank === null) return (a.rank === null ? 1 : 0) - (b.rank === null ? 1 : 0);
      return direction * (a.rank - b.rank);
    })
    .map(({ row }) => row);
}

/** Words are compared once each, however many rows say them: that is what takes long. Where one is a word, all are read as words. */
function ranksOf(keys: readonly (SortKey | null)[], locale: string): readonly (number | null)[] {
  if (keys.every((key): key is number | null => typeof key !== 'string')) return keys;
  const words = [...new Set(keys.flatMap((key) => (key === null ? [] : [String(key)])))];
  words.sort(new Intl.Collator(locale, { numeric: true }).compare);
  const rankOf = new Map(words.map((word, rank) => [word, rank]));
  return keys.map((key) => (key === null ? null : (rankOf.get(String(key)) ?? 0)));
}

type SortKey = number | string;

function sortKey(cell: Cell, type: ColumnType): SortKey | null {
  if (cell === null || cell === '') return null;
  if (type === 'number' && typeof cell !== 'boolean') return Number.isNaN(Number(cell)) ? String(cell) : Number(cell);
  if (type === 'date') {
    const time = timeOf(cell);
    return time ?? String(cell);
  }
  return typeof cell === 'boolean' ? Number(cell) : cell;
}

/** Milliseconds since the epoch of what a cell or a point says: ISO 8601, or the number itself. */
export function timeOf(value: Cell): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

/** Whether a date was given without a time of day; such a day is that day everywhere. */
export const isDay = (value: Cell): boolean => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);

export interface TablePage<Row> {
  readonly rows: readonly Row[];
  /** Counted from 0. */
  readonly page: number;
  readonly pages: number;
  readonly from: number;
  readonly to: number;
}

/** One page; a page that is not there any more is the last one. */
export function pageOf<Row>(rows: readonly Row[], wanted: number, size: number): TablePage<Row> {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  const from = page * size;
  const to = Math.min(rows.length, from + size);
  return { rows: rows.slice(from, to), page, pages, from: rows.length === 0 ? 0 : from + 1, to };
}

/** The whole table as RFC 4180 says, in the order of `rows`. Cells that a spreadsheet would run as a formula get an apostrophe. */
export function csvOf(columns: TableData['columns'], rows: TableData['rows']): string {
  const line = (cells: readonly Cell[]) => columns.map((_, index) => csvCell(cells[index] ?? null)).join(',');
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\r\n');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
