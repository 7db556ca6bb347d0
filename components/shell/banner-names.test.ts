import { describe, expect, test } from 'vitest';
import { bannersOf } from './banner-names';

type Status = Parameters<typeof bannersOf>[0]['status'];

const facts = (status: Status, dataAgeSeconds: number | null) => ({
  status,
  dataAgeSeconds,
  error: null,
  cutOff: false,
});

const CALM = {
  trading: { state: 'ACTIVE' },
  workers: { alive: 1 },
  broker: { state: 'OK', detail: '' },
  openings: 0,
  openBreaks: 0,
  unprotected: [] as string[],
  market: { isOpen: true },
  maxDataAgeSeconds: 30,
} as Status;

describe('the banners', () => {
  test('are none while nothing is wrong, at the limit of the data age too', () => {
    expect(bannersOf(facts(CALM, 30))).toEqual([]);
  });

  test('stand in the order of what they stop', () => {
    const worst = {
      ...CALM,
      workers: { ...CALM.workers, alive: 0 },
      openings: 1,
      openBreaks: 2,
      unprotected: ['AAPL'],
    };
    const halted = { ...worst, trading: { ...CALM.trading, state: 'HALTED' as const } };
    expect(bannersOf({ ...facts(halted, null), error: new Error('no answer') })).toEqual([
      'HALTED',
      'WORKER DOWN',
      'UNPROTECTED POSITION',
      'OPENING BALANCES',
      'RECONCILIATION BREAK',
      'STALE DATA',
      'NO ANSWER',
    ]);
  });

  test('name a console that is cut off first, in place of a request without an answer', () => {
    const halted = { ...CALM, trading: { ...CALM.trading, state: 'HALTED' as const } };
    const cut = { ...facts(halted, 1), error: new Error('no answer'), cutOff: true };
    expect(bannersOf(cut)).toEqual(['CONSOLE CUT OFF', 'HALTED']);
  });

  test.each([
    ['a quote past the limit', 30.1, CALM, ['STALE DATA']],
    ['no quote', null, CALM, ['STALE DATA']],
    ['no quote while the market is closed', null, { ...CALM, market: { isOpen: false } } as Status, []],
    ['no market seen yet', null, { ...CALM, market: null }, []],
    ['a broker not asked yet', 0, { ...CALM, broker: null }, []],
    ['a broker that does not answer', 0, { ...CALM, broker: { state: 'UNREACHABLE' } } as Status, ['BROKER']],
  ])('say what %s means', (_, age, status, expected) => {
    expect(bannersOf(facts(status, age))).toEqual(expected);
  });
});
