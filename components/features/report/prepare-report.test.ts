import { describe, expect, it } from 'vitest';
import { prepareReport, reportRows, shownCell } from './prepare-report';

describe('prepareReport', () => {
  it('puts what both sides hold beside each other, and lists into tables of their own', () => {
    const tables = prepareReport({
      trading_day: '2026-01-05',
      cash: { ours: '100.500000', theirs: '100.5', difference: '0' },
      fees: { ours: '-1.20', theirs: '-1.20', difference: '0.00' },
      positions: [
        { ours: '5', symbol: 'AAPL', theirs: '4', difference: '1' },
        { ours: '2', symbol: 'SPY', theirs: '2', difference: '0', note: 'late' },
      ],
      breaks: [],
    });
    expect(tables.map((table) => table.title)).toEqual(['Summary', 'Both sides', 'Positions', 'Breaks']);
    expect(tables[1]).toEqual({
      title: 'Both sides',
      facts: false,
      columns: [
        { label: 'what', figures: false },
        { label: 'ours', figures: true },
        { label: 'theirs', figures: true },
        { label: 'difference', figures: true },
      ],
      rows: [
        ['cash', '100.5', '100.5', '0'],
        ['fees', '-1.2', '-1.2', '0'],
      ],
    });
    expect(tables[2]?.rows).toEqual([
      ['AAPL', '', '5', '4', '1'],
      ['SPY', 'late', '2', '2', '0'],
    ]);
    expect(tables[3]).toEqual({ title: 'Breaks', facts: false, columns: [], rows: [] });
  });

  it('shows sections that hold a summary and a list, and those keyed by name', () => {
    const tables = prepareReport({
      orders: { compared: 12, rows: [{ id: 'a', ours: 'FILLED', theirs: 'NEW' }] },
      held: { AAPL: { ours: '1' }, SPY: { ours: '2' } },
    });
    expect(tables.map(({ title, rows }) => [title, rows])).toEqual([
      ['Orders', [['12']]],
      ['Orders · rows', [['a', 'FILLED', 'NEW']]],
      [
        'Held',
        [
          ['AAPL', '1'],
          ['SPY', '2'],
        ],
      ],
    ]);
  });

  it('gives milliseconds of the clock as a time, and a duration as it is', () => {
    const [table] = prepareReport({ cancel_all_at: 1_767_623_400_123, verified_ms: 1_767_623_400_123, at: null });
    expect(table?.rows).toEqual([['2026-01-05T14:30:00.123Z', '1767623400123', '']]);
  });

  it('makes lines for a spreadsheet, each under its table', () => {
    expect(reportRows(prepareReport({ cash: { ours: '1', theirs: '2' } }))).toEqual([
      ['Both sides', 'what', 'ours', 'theirs'],
      ['Both sides', 'cash', '1', '2'],
    ]);
  });

  it.each([
    ['-1234.5', '−1,234.5'],
    ['', '—'],
    ['2026-01-05', '2026-01-05'],
    ['2026-01-05T14:30:00.123Z', '5 Jan 09:30:00.123 ET'],
    ['2026-01-05T14:30:00Z', '5 Jan 09:30:00 ET'],
  ])('shows %j', (text, shown) => expect(shownCell(text)).toBe(shown));
});
