import { describe, expect, it } from 'vitest';
import { parseScenario, ScenarioError } from '@/server/replay/scenario-file';
import { replayText } from '@/test-support/replay';

const header = {
  scenario: 1,
  name: 'x',
  start: '2026-01-05T14:30:00.000Z',
  cash: '1000',
  gate: 'off',
  exchange: { mode: 'scripted' },
};
const at = '2026-01-05T15:00:00.000Z';
const order = { at, type: 'order', id: 'o', symbol: 'SPY', side: 'BUY', qty: '1', order_type: 'MARKET' };

function text(...rows: (object | string)[]): string {
  return rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
}

function failure(body: string): ScenarioError {
  try {
    replayText(body);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('the scenario was taken');
}

describe('a scenario file', () => {
  it.each<[string, (object | string)[], number, string]>([
    ['empty', [''], 1, 'empty'],
    ['no JSON', [header, '{"at":'], 2, 'not JSON'],
    ['another version', [{ ...header, scenario: 2 }], 1, 'scenario: must be 1'],
    ['no header', [order], 1, 'scenario'],
    ['an unknown key in the header', [{ ...header, slippage: 1 }], 1, 'slippage'],
    ['an unknown policy field', [{ ...header, policy: { max_risk: 1 } }], 1, 'max_risk'],
    ['an unknown strategy', [{ ...header, strategies: [{ name: 'magic', symbol: 'SPY' }] }], 1, 'no strategy magic'],
    [
      'a wrong strategy parameter',
      [{ ...header, strategies: [{ name: 'ema-cross', symbol: 'SPY', params: { fast: 0 } }] }],
      1,
      'ema-cross.fast',
    ],
    ['an unknown type', [header, { at, type: 'split' }], 2, 'type must be one of'],
    ['an unknown key', [header, { ...order, colour: 'red' }], 2, 'colour'],
    ['a line number past blank lines', [header, '', { ...order, qty: 'ten' }], 3, 'qty'],
    ['too many decimals', [header, { ...order, qty: '0.0000000000001' }], 2, 'at most 12 decimals'],
    [
      'a number JSON would round',
      [header, text({ ...order }).replace('"1"', '0.12345678901234567')],
      2,
      'write it as text',
    ],
    ['a huge amount', [header, { ...order, qty: '1e25' }], 2, 'too large'],
    ['no quantity', [header, { ...order, qty: '0' }], 2, 'greater than zero'],
    ['a limit without a price', [header, { ...order, order_type: 'LIMIT' }], 2, 'limit_price: is required'],
    ['a market order with a price', [header, { ...order, limit_price: '1' }], 2, 'limit_price: does not belong'],
    ['GTD without a date', [header, { ...order, time_in_force: 'GTD' }], 2, 'good_till: is required'],
    ['a symbol that is none', [header, { ...order, symbol: '../x' }], 2, 'symbol'],
    ['a time without a zone', [header, { ...order, at: '2026-01-05T15:00:00' }], 2, 'UTC'],
    ['a time outside the calendar', [header, { ...order, at: '1812-01-05T15:00:00.000Z' }], 2, '1990'],
    ['a time before the start', [header, { ...order, at: '2026-01-05T14:00:00.000Z' }], 2, 'lies before'],
    ['a time that goes back', [header, order, { ...order, id: 'p', at: '2026-01-05T14:59:00.000Z' }], 3, 'lies before'],
    ['a fill without data', [header, { at, type: 'broker', id: 'o', event: 'fill' }], 2, 'execution_id: is required'],
    [
      'a fill of nothing',
      [header, { at, type: 'broker', id: 'o', event: 'fill', execution_id: 'e', qty: 0, price: 1 }],
      2,
      'qty: must be greater than zero',
    ],
    [
      'an inverted bar',
      [header, { at, type: 'bar', symbol: 'SPY', open: 1, high: 1, low: 2, close: 1, volume: 1, period_s: 60 }],
      2,
      'high',
    ],
    ['an expectation of nothing', [header, { type: 'expect' }], 2, 'exactly one of'],
    ['an expectation of two things', [header, { type: 'expect', id: 'o', fills: 1 }], 2, 'exactly one of'],
    [
      'a field of another form',
      [header, { type: 'expect', fills: 1, status: 'NEW' }],
      2,
      'belongs to an expect with id',
    ],
    ['a status that is none', [header, { type: 'expect', id: 'o', status: 'DONE' }], 2, 'status'],
  ])('with %s is refused by its line', (_, rows, line, reason) => {
    const error = failure(text(...rows));
    expect(error.line).toBe(line);
    expect(error.reason).toContain(reason);
  });

  it('takes numbers as well as text, blank lines, carriage returns and a byte order mark', () => {
    const body = `\uFEFF${text(header, '', { ...order, qty: 2.5 }, { type: 'expect', id: 'o', cum_qty: 0, leaves_qty: '2.50' })}`;
    const scenario = parseScenario(body.replaceAll('\n', '\r\n'));
    expect(scenario.lines.map(({ number }) => number)).toEqual([3, 4]);
    expect(replayText(body).report).toMatchObject({ held: 1, failed: 0, events: 1 });
  });

  it('fills in the defaults of the header', () => {
    const { header: parsed } = parseScenario(text({ scenario: 1, name: 'x', start: header.start, cash: 1 }));
    expect(parsed).toMatchObject({
      stage: 'M0_LOCAL',
      gate: 'on',
      policy: {},
      strategies: [],
      exchange: { mode: 'scripted' },
    });
  });
});

describe('expectations that do not hold', () => {
  const fill = { at, type: 'broker', id: 'o', event: 'fill', execution_id: 'e', qty: '1', price: '10.005' };
  it.each<[object, string, string, string]>([
    [{ id: 'o', status: 'NEW' }, 'o.status', 'NEW', 'FILLED'],
    [{ id: 'o', cum_qty: '2' }, 'o.cum_qty', '2', '1'],
    [{ id: 'o', leaves_qty: '0.0000000000001' }, 'o.leaves_qty', '0.0000000000001', '0'],
    [{ id: 'o', avg_price: '10.00' }, 'o.avg_price', '10.00', '10.01'],
    [{ id: 'o', flags: ['LATE_FILL'] }, 'o.flags', 'LATE_FILL', 'none'],
    [{ id: 'p', status: 'NEW' }, 'p', 'an order', 'none'],
    [{ signal_id: 's', decision: 'APPROVE' }, 's', 'a decision', 'none'],
    [{ account: { cash: '990' } }, 'account.cash', '990', '990'],
    [{ account: { equity: '1' } }, 'account.equity', '1', '1000'],
    [{ account: { fees: '1' } }, 'account.fees', '1', '0'],
    [{ account: { positions: { AAPL: '1' } } }, 'account.positions.AAPL', '1', '0'],
    [{ fills: 2 }, 'fills', '2', '1'],
    [{ refused: 'InvalidTransition' }, 'refused', 'InvalidTransition', 'none'],
  ])('%j names %s, expected and observed', (form, what, expected, observed) => {
    const { report } = replayText(text(header, order, fill, { type: 'expect', ...form }));
    if (what === 'account.cash') expect(report.failed).toBe(0);
    else expect(report.failures).toEqual([{ line: 4, what, expected, observed, held: false }]);
  });

  it('compares rounded amounts by value, half away from zero', () => {
    const forms = [
      { cash: '989.995' },
      { cash: '990.00' },
      { cash: '0990' },
      { cash: 990 },
      { fees: '0.00' },
      { fees: '-0' },
    ];
    const expects = forms.map((account) => ({ type: 'expect', account }));
    expect(replayText(text(header, order, fill, ...expects)).report).toMatchObject({ held: forms.length, failed: 0 });
  });

  it('moves the clock when an expectation has a time of its own', () => {
    const later = { at: '2026-01-05T22:00:00.000Z', type: 'expect', id: 'o', status: 'EXPIRED' };
    expect(replayText(text(header, order, later)).report.failures).toEqual([]);
  });
});
