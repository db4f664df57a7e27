import type { PlotData, TableData } from '../../../src/protocol/surface-shapes.ts';

/** As many rows as a table may have. */
const mostRows = 5000;

/** The values of a plot as a table: one column for each series, one row for each place along x; scattered points each in a row. */
export function plotTable(plot: PlotData, words: { readonly x: string; readonly y: string }): TableData {
  const type = plot.x.type === 'category' ? 'text' : plot.x.type;
  const head = { title: plot.x.title ?? words.x, type } as const;
  if (plot.kind === 'scatter') {
    const rows = plot.series.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y]));
    const columns = [{ title: '' }, head, { title: plot.y?.title ?? words.y, type: 'number' as const }];
    return plot.series.length > 1
      ? { columns, rows: rows.slice(0, mostRows) }
      : { columns: columns.slice(1), rows: rows.slice(0, mostRows).map((row) => row.slice(1)) };
  }
  const byX = new Map<string | number, (number | null)[]>();
  plot.series.forEach(({ points }, index) => {
    for (const [x, y] of points) {
      const row = byX.get(x) ?? Array.from({ length: plot.series.length }, () => null);
      row[index] = y;
      byX.set(x, row);
    }
  });
  return {
    columns: [head, ...plot.series.map(({ name }) => ({ title: name, type: 'number' as const }))],
    rows: [...byX].slice(0, mostRows).map(([x, values]) => [x, ...values]),
  };
}
