import { describe, expect, it } from 'vitest';
import { decimated, nearestIndex, plotModel, slicesOf, stopsOf } from '../../../public/app/surface/plot-model.ts';
import { niceTicks, timeTicks } from '../../../public/app/surface/plot-scale.ts';
import { plotTable } from '../../../public/app/surface/plot-table.ts';
import { csvOf, nextSorting, pageOf, sortRows } from '../../../public/app/surface/table-model.ts';
import { fitted, moveBy, zoomAt } from '../../../public/app/surface/zoom-view.ts';
import type { PlotData, TableData } from '../../../src/protocol/surface-shapes.ts';

const none: ReadonlySet<number> = new Set();

describe('a table', () => {
  const table: TableData = {
    columns: [{ title: 'Name' }, { title: 'Sum', type: 'number' }, { title: 'Day', type: 'date' }],
    rows: [
      ['b10', 9, '2026-03-01'],
      ['b9', 100, null],
      ['a', null, '2025-12-31'],
    ],
  };
  const first = (column: number, descending = false) => sortRows(table, { column, descending }, 'en').map(([name]) => name);

  it('is sorted by what its cells mean, empty ones last either way', () => {
    expect(first(0)).toEqual(['a', 'b9', 'b10']);
    expect(first(1)).toEqual(['b10', 'b9', 'a']);
    expect(first(1, true)).toEqual(['b9', 'b10', 'a']);
    expect(first(2)).toEqual(['a', 'b10', 'b9']);
    expect(sortRows(table, null, 'en')).toBe(table.rows);
  });

  it('goes up, down and back to its own order', () => {
    const up = nextSorting(null, 1);
    const down = nextSorting(up, 1);
    expect([up, down, nextSorting(down, 1)]).toEqual([{ column: 1, descending: false }, { column: 1, descending: true }, null]);
    expect(nextSorting(down, 2)).toEqual({ column: 2, descending: false });
  });

  it('shows one page, and the last one where there are fewer now', () => {
    const rows = Array.from({ length: 45 }, (_, index) => index);
    expect(pageOf(rows, 1, 20)).toMatchObject({ page: 1, pages: 3, from: 21, to: 40 });
    expect(pageOf(rows, 9, 20)).toMatchObject({ page: 2, from: 41, to: 45 });
    expect(pageOf([], 0, 20)).toEqual({ rows: [], page: 0, pages: 1, from: 0, to: 0 });
  });

  it('is copied so that a spreadsheet reads it and runs nothing of it', () => {
    const rows: TableData['rows'] = [
      ['say "hi", you', -5, null],
      ['=1+1', true, 'two\nlines'],
    ];
    expect(csvOf(table.columns, rows)).toBe('Name,Sum,Day\r\n"say ""hi"", you",-5,\r\n\'=1+1,true,"two\nlines"');
  });
});

describe('a plot', () => {
  it('has round values at its axes', () => {
    expect(niceTicks(0, 97, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(niceTicks(-3, 0.5, 4)).toEqual([-3, -2, -1, 0, 1]);
    expect(niceTicks(0.1, 0.35, 5)).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(niceTicks(5, 5, 4).length).toBeGreaterThan(1);
  });

  it('has moments at its axes at which a clock or a calendar turns over', () => {
    const iso = (ticks: readonly number[]) => ticks.map((at) => new Date(at).toISOString().slice(0, 16));
    const day = timeTicks(Date.UTC(2026, 4, 1, 3), Date.UTC(2026, 4, 1, 21), 4);
    expect([day.unit, iso(day.ticks)]).toEqual(['minute', ['2026-05-01T06:00', '2026-05-01T12:00', '2026-05-01T18:00']]);
    const year = timeTicks(Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31), 4);
    expect([year.unit, iso(year.ticks).map((one) => one.slice(0, 7))]).toEqual(['month', ['2026-01', '2026-04', '2026-07', '2026-10']]);
    expect(timeTicks(Date.UTC(1990, 0, 1), Date.UTC(2026, 0, 1), 4).unit).toBe('year');
  });

  const bars: PlotData = {
    kind: 'bar',
    x: { type: 'category' },
    series: [
      {
        name: 'one',
        points: [
          ['a', 3],
          ['b', 5],
        ],
      },
      {
        name: 'two',
        points: [
          ['b', -2],
          ['c', 7],
        ],
      },
    ],
  };

  it('reads bars from zero and keeps the look of a series when another is hidden', () => {
    const model = plotModel(bars, none);
    expect(model).toMatchObject({ categories: ['a', 'b', 'c'], yLow: -2, yHigh: 7, xLow: -0.5, xHigh: 2.5 });
    expect(plotModel(bars, new Set([0])).series.map(({ name, index }) => [name, index])).toEqual([['two', 1]]);
    expect(stopsOf(model)).toEqual([0, 1, 2]);
  });

  it('leaves out what is no number, and draws a line in the order of its values', () => {
    const plot: PlotData = {
      kind: 'line',
      x: { type: 'date' },
      series: [
        {
          name: 's',
          points: [
            ['2026-02-01', 2],
            ['never', 9],
            ['2026-01-01', 1],
          ],
        },
      ],
    };
    expect(plotModel(plot, none).series[0]?.points).toEqual([
      { x: Date.UTC(2026, 0, 1), y: 1 },
      { x: Date.UTC(2026, 1, 1), y: 2 },
    ]);
  });

  it('finds the value nearest to the pointer, and keeps peaks when there are more points than pixels', () => {
    expect([nearestIndex([0, 10, 20], 4), nearestIndex([0, 10, 20], 6), nearestIndex([0, 10, 20], 99)]).toEqual([0, 1, 2]);
    const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x === 517 ? 99 : x % 3 }));
    const kept = decimated(points, 50);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept).toContainEqual({ x: 517, y: 99 });
  });

  it('has a table with the same values, and slices that make a whole', () => {
    expect(plotTable(bars, { x: 'Value', y: 'Height' })).toEqual({
      columns: [
        { title: 'Value', type: 'text' },
        { title: 'one', type: 'number' },
        { title: 'two', type: 'number' },
      ],
      rows: [
        ['a', 3, null],
        ['b', 5, -2],
        ['c', null, 7],
      ],
    });
    const pie: PlotData = {
      kind: 'pie',
      x: { type: 'category' },
      series: [
        {
          name: 's',
          points: [
            ['a', 3],
            ['none', 0],
            ['b', 1],
          ],
        },
      ],
    };
    expect(slicesOf(pie).map(({ name, share }) => [name, share])).toEqual([
      ['a', 0.75],
      ['b', 0.25],
    ]);
  });
});

describe('a picture in its window', () => {
  it('keeps what lies under the pointer there while it grows, and fits again at its smallest', () => {
    const view = zoomAt(fitted, 2, { x: 100, y: -50 });
    expect(view).toEqual({ scale: 2, x: -100, y: 50 });
    expect(zoomAt(view, 0.1)).toEqual(fitted);
    expect(zoomAt(fitted, 100).scale).toBe(8);
  });

  it('cannot be moved out of the window', () => {
    expect(moveBy({ scale: 2, x: 0, y: 0 }, { x: 5000, y: -5000 }, { width: 400, height: 300 })).toEqual({ scale: 2, x: 400, y: -300 });
    expect(moveBy(fitted, { x: 5, y: 5 }, { width: 400, height: 300 })).toEqual(fitted);
  });
});
