import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { type ExitIntent, type ExitOrder, type ExitView, nextExitStep, type WorkingOrder } from './next-step';

const shares = (qty: number) => parseUnits(String(qty));

const INTENT: ExitIntent = {
  qty: null,
  filledQty: 0n,
  expired: false,
  stageChanged: false,
  startPrice: shares(100),
  limitedSinceMs: null,
  failures: 0,
  lastFailure: null,
};

/** 10 shares are held and nothing works. */
const VIEW: ExitView = {
  nowMs: 100_000,
  intent: INTENT,
  marketOpen: true,
  own: null,
  queued: [],
  others: [],
  held: shares(10),
  available: null,
  booked: shares(10),
  lastFillAgoMs: null,
  quote: { bid: shares(100), ask: shares(100) },
  collarPct: parseUnits('0.01'),
};

const order = (changes: Partial<WorkingOrder> = {}): WorkingOrder => ({
  id: 'o',
  side: 'SELL',
  leaves: shares(4),
  cancelRequested: false,
  cancelFault: null,
  cancelSentAgoMs: null,
  uncertain: false,
  ...changes,
});
const buy = (changes: Partial<WorkingOrder> = {}) => order({ side: 'BUY', id: 'buy', ...changes });
const own = (changes: Partial<ExitOrder> = {}): ExitOrder => ({
  id: 'own',
  orderType: 'MARKET',
  ageMs: 100,
  cancelRequested: false,
  uncertain: false,
  ...changes,
});
const intent = (changes: Partial<ExitIntent>): Partial<ExitView> => ({ intent: { ...INTENT, ...changes } });

const step = (changes: Partial<ExitView>) => nextExitStep({ ...VIEW, ...changes });
const sells = (qty: number, cancel: string[] = []) => ({
  cancel,
  place: { side: 'SELL', qty: shares(qty), orderType: 'MARKET', limitPrice: null },
});
const waits = (waitsFor: RegExp, cancel: string[] = []) => ({
  cancel,
  place: null,
  waitsFor: expect.stringMatching(waitsFor),
});

describe('X-1: what the broker holds is closed', () => {
  test.each<[string, Partial<ExitView>, object]>([
    ['a long position is sold', {}, sells(10)],
    ['the broker holds less than our books say', { held: shares(6) }, sells(6)],
    ['the broker holds what our books lack', { booked: 0n }, sells(10)],
    ['the broker is flat', { held: 0n }, { kind: 'end', outcome: 'CLOSED' }],
    [
      'a short position is bought back',
      { held: shares(-3), booked: shares(-3) },
      { cancel: [], place: { side: 'BUY', qty: shares(3), orderType: 'MARKET', limitPrice: null } },
    ],
    ['a stated quantity', intent({ qty: shares(4) }), sells(4)],
    ['the rest of a stated quantity', intent({ qty: shares(4), filledQty: shares(1) }), sells(3)],
    ['more than is held is stated', intent({ qty: shares(40) }), sells(10)],
    ['the stated quantity is filled', intent({ qty: shares(4), filledQty: shares(4) }), { outcome: 'CLOSED' }],
    ['its session is over', intent({ expired: true }), { outcome: 'EXPIRED' }],
    ['its stage has changed', intent({ stageChanged: true }), { outcome: 'STAGE_CHANGED' }],
    ['flat, and a purchase still works', { held: 0n, booked: 0n, others: [buy()] }, waits(/BUY order buy/, ['buy'])],
    [
      'the position lags behind a fill',
      { held: 0n, lastFillAgoMs: 1_999 },
      waits(/the broker's positions to show the last fill/),
    ],
    ['a fill that is in both sides of the books', { lastFillAgoMs: 10 }, sells(10)],
    ['the books differ long after the last fill', { held: shares(6), lastFillAgoMs: 2_000 }, sells(6)],
  ])('%s', (_name, changes, wanted) => {
    expect(step(changes)).toMatchObject(wanted);
  });
});

describe('X-2: what works on the symbol is cancelled first', () => {
  test.each<[string, Partial<ExitView>, object]>([
    [
      'the market is closed: the stop stays',
      { marketOpen: false, others: [order()] },
      { ...waits(/open/), idle: true },
    ],
    ['an opposite order works', { others: [buy()] }, waits(/cancel of BUY order buy/, ['buy'])],
    ['its cancel is under way', { others: [buy({ cancelRequested: true })] }, waits(/cancel of BUY order buy/)],
    [
      'its cancel was refused just now',
      { others: [buy({ cancelFault: 'not cancelable', cancelSentAgoMs: 1_999 })] },
      waits(/refused: not cancelable/),
    ],
    [
      'its cancel was refused a moment ago: it is requested again',
      { others: [buy({ cancelFault: 'not cancelable', cancelSentAgoMs: 2_000 })] },
      waits(/refused: not cancelable/, ['buy']),
    ],
    ['a stop holds a part: the free part is sold at once', { others: [order()] }, sells(6, ['o'])],
    [
      'a stop holds all',
      { others: [order({ leaves: shares(10) })] },
      waits(/cancel of SELL order o to take effect/, ['o']),
    ],
    ['the broker frees fewer shares than we think', { available: shares(5) }, sells(5)],
    ['the broker holds all for an order that we do not see', { available: 0n }, waits(/free the 10 shares/)],
    [
      'it is unknown whether an order is there',
      { others: [order({ uncertain: true })] },
      waits(/answer to SELL/, ['o']),
    ],
    ['a stated quantity that is free lets a stop live', { ...intent({ qty: shares(6) }), others: [order()] }, sells(6)],
    ['a stated quantity that is not free', { ...intent({ qty: shares(7) }), others: [order()] }, sells(6, ['o'])],
    [
      'a short: a purchase of ours holds nothing but would overshoot',
      { held: shares(-10), booked: shares(-10), others: [buy()] },
      { cancel: ['buy'], place: { side: 'BUY', qty: shares(6) } },
    ],
  ])('%s', (_name, changes, wanted) => {
    expect(step(changes)).toMatchObject(wanted);
  });
});

describe('its own order', () => {
  const failed = (failures: number, agoMs: number) => intent({ failures, lastFailure: { why: 'not now', agoMs } });

  test.each<[string, Partial<ExitView>, object]>([
    ['works: nothing else is sent', { own: own() }, waits(/order own to fill/)],
    [
      'is a limit of a second: it is priced again (X-5)',
      { own: own({ orderType: 'LIMIT', ageMs: 1_000 }) },
      waits(/cancel/, ['own']),
    ],
    ['is a fresh limit', { own: own({ orderType: 'LIMIT', ageMs: 999 }) }, waits(/to fill/)],
    ['is being cancelled', { own: own({ cancelRequested: true }) }, waits(/cancel of its order own/)],
    ['may not be at the broker', { own: own({ uncertain: true }) }, waits(/answer to its order own/)],
    ['works although nothing is held', { own: own(), held: 0n, booked: 0n }, waits(/cancel/, ['own'])],
    ['was refused just now (X-3)', failed(1, 499), waits(/another attempt \(last attempt: not now\)/)],
    ['was refused a moment ago: it is tried again', failed(1, 500), sells(10)],
    ['was refused many times', failed(9, 3_999), waits(/not now/)],
    ['was refused many times, and 4 s have passed', failed(9, 4_000), sells(10)],
  ])('%s', (_name, changes, wanted) => {
    expect(step(changes)).toMatchObject(wanted);
  });

  test('is a limit once the price has left the collar, and at market with a warning without a quote (X-5)', () => {
    expect(step({ quote: { bid: shares(95), ask: shares(95) } })).toMatchObject({
      place: { orderType: 'LIMIT', limitPrice: parseUnits('94.05') },
      warning: null,
    });
    expect(step({ quote: null })).toMatchObject({
      place: { orderType: 'MARKET' },
      warning: expect.stringMatching(/quote/),
    });
  });
});

describe('X-1: closing orders of clients and strategies that wait for their exit', () => {
  const queued = (...qty: number[]) => qty.map((each, n) => ({ id: `q${n}`, qty: shares(each) }));
  const asked = (qty: number, ...of: number[]) => ({ ...intent({ qty: shares(qty) }), queued: queued(...of) });
  const sent = (qty: number, id: string) => ({ place: { qty: shares(qty), queued: id, replaces: null } });
  const instead = (qty: number, id: string) => ({ place: { qty: shares(qty), queued: null, replaces: id } });

  test.each<[string, Partial<ExitView>, object]>([
    ['one is sent as it is', asked(4, 4), sent(4, 'q0')],
    ['the one that has waited longest is sent first (X-4)', asked(10, 6, 4), sent(6, 'q0')],
    [
      'an opposite order works: it waits',
      { ...asked(4, 4), others: [buy()] },
      waits(/cancel of BUY order buy/, ['buy']),
    ],
    ['another one of the exit works: it waits', { ...asked(4, 4), own: own() }, waits(/order own to fill/)],
    ['the broker holds less than it asks: as much is sold', { ...asked(10, 10), held: shares(6) }, instead(6, 'q0')],
    ['a part of the shares is free: it is sold at once', { ...asked(10, 10), others: [order()] }, instead(6, 'q0')],
    [
      'the price has left the collar: a limit takes its place (X-5)',
      { ...asked(4, 4), quote: { bid: shares(90), ask: shares(90) } },
      { place: { qty: shares(4), orderType: 'LIMIT', queued: null, replaces: 'q0' } },
    ],
    ['the position is short by now', { ...asked(4, 4), held: shares(-4), booked: shares(-4) }, instead(4, 'q0')],
    ['a person closes everything: it is a part of that', { ...intent({}), queued: queued(4) }, sent(4, 'q0')],
  ])('%s', (_name, changes, wanted) => {
    expect(step(changes)).toMatchObject(wanted);
  });
});

describe('whatever works and is held', () => {
  const qty = fc.integer({ min: 1, max: 20 }).map(shares);
  const working = fc.record({
    id: fc.uuid(),
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    leaves: qty,
    cancelRequested: fc.boolean(),
    cancelFault: fc.constantFrom(null, 'refused'),
    cancelSentAgoMs: fc.option(fc.nat(5_000)),
    uncertain: fc.boolean(),
  });
  const views = fc
    .record({
      held: fc.integer({ min: -20, max: 20 }).map(shares),
      others: fc.array(working, { maxLength: 4 }),
      available: fc.option(fc.nat(20).map(shares)),
      qty: fc.option(qty),
      filledQty: fc.nat(20).map(shares),
      queued: fc.array(fc.record({ id: fc.uuid(), qty }), { maxLength: 2 }),
    })
    .map(({ held, others, available, queued, ...rest }): ExitView => {
      return { ...VIEW, held, booked: held, others, available, queued, intent: { ...INTENT, ...rest } };
    });

  test('an exit never opens a position, and never trades against an order of ours', () => {
    fc.assert(
      fc.property(views, (view) => {
        const next = nextExitStep(view);
        if (next.kind === 'end' || next.place === null) return;
        const { side, qty: placed } = next.place;
        const held = view.held < 0n ? -view.held : view.held;
        const same = view.others.filter((each) => each.side === side).reduce((sum, { leaves }) => sum + leaves, 0n);
        expect(side).toBe(view.held < 0n ? 'BUY' : 'SELL');
        expect(placed > 0n && placed + same <= held).toBe(true);
        expect(view.others.every((each) => each.side === side && !each.uncertain)).toBe(true);
      }),
    );
  });

  test('an exit of everything ends only when the broker is flat and nothing works', () => {
    fc.assert(
      fc.property(views, (view) => {
        const all = { ...view, intent: { ...view.intent, qty: null } };
        const ended = nextExitStep(all).kind === 'end';
        expect(ended).toBe(view.held === 0n && view.others.length === 0);
      }),
    );
  });
});
