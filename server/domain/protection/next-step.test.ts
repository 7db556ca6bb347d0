import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';
import { nextProtectionStep, type OpenStop, type ProtectedEntry, type ProtectionView } from './next-step';
import { protectedEntry, protectionView } from './testing/views';

const units = parseUnits;

const entry = protectedEntry;
const view = protectionView;

const stop = (changes: Partial<OpenStop> = {}): OpenStop => ({
  id: 's1',
  leaves: units('10'),
  works: true,
  cancelRequested: false,
  ...changes,
});

const placedOf = (changes: Partial<ProtectionView>) =>
  nextProtectionStep(view(changes)).place.map(({ entryId, qty, timeInForce }) => [entryId, qty, timeInForce]);

describe('the next step of protection', () => {
  it('S-2: places a stop for what a whole entry has brought, until cancelled', () => {
    const step = nextProtectionStep(view());
    expect(step.place).toEqual([{ entryId: 'e1', qty: units('10'), stopPrice: units('95'), timeInForce: 'GTC' }]);
    expect(step).toMatchObject({ owedQty: units('10'), protectedQty: 0n, cancel: [], exitQty: 0n });
    expect(step.missing).toBe('its stop at 95 to be placed');
  });

  it('does nothing where the stop works', () => {
    const step = nextProtectionStep(view({ entries: [entry({ stops: [stop()] })] }));
    expect(step).toEqual({
      cancel: [],
      place: [],
      exitQty: 0n,
      owedQty: units('10'),
      protectedQty: units('10'),
      stopPrices: [units('95')],
      missing: null,
    });
  });

  it('S-3: orders the stop of a fraction for the day, and not while the market is closed', () => {
    const fraction = { entries: [entry({ filledQty: units('1.5') })], held: units('1.5') };
    expect(placedOf(fraction)).toEqual([['e1', units('1.5'), 'DAY']]);
    const closed = nextProtectionStep(view({ ...fraction, marketOpen: false }));
    expect(closed.place).toEqual([]);
    expect(closed.missing).toBe('the market to open');
  });

  it('S-2: cancels the rest of an entry 5 s after its first fill, and waits for its end', () => {
    const partly = (ms: number, changes: Partial<ProtectedEntry> = {}) =>
      nextProtectionStep(
        view({
          entries: [entry({ filledQty: units('4'), live: true, firstFillAgoMs: ms, ...changes })],
          held: units('4'),
          buying: true,
        }),
      );
    expect(partly(4_999).cancel).toEqual([]);
    expect(partly(5_000)).toMatchObject({ cancel: ['e1'], place: [], missing: 'the entry to end' });
    expect(partly(6_000, { cancelRequested: true }).cancel).toEqual([]);
  });

  it('places no stop beside an order that buys the symbol: the broker would refuse it', () => {
    const step = nextProtectionStep(view({ buying: true }));
    expect(step.place).toEqual([]);
    expect(step.missing).toBe('the end of an order that buys the symbol');
  });

  it('X-2: leaves everything to an exit', () => {
    const step = nextProtectionStep(
      view({ exiting: true, held: units('3'), entries: [entry({ stops: [stop()] }), entry({ id: 'e2', live: true })] }),
    );
    expect(step.cancel).toEqual([]);
    expect(step.place).toEqual([]);
  });

  it('H-3: waits until a halt is verified', () => {
    expect(nextProtectionStep(view({ mayPlace: false }))).toMatchObject({
      place: [],
      missing: 'the halt to be verified',
    });
  });

  it('S-5: sends the next stop only when the last one has ended', () => {
    for (const open of [stop({ works: false }), stop({ cancelRequested: true, leaves: units('4') })]) {
      expect(placedOf({ entries: [entry({ stops: [open] })] })).toEqual([]);
    }
    const twice = [entry({ stops: [stop({ leaves: units('4') })] })];
    expect(placedOf({ entries: twice })).toEqual([['e1', units('6'), 'GTC']]);
  });

  it('ends a stop for more than is held, so that it cannot open a short', () => {
    expect(nextProtectionStep(view({ held: units('4'), entries: [entry({ stops: [stop()] })] })).cancel).toEqual([
      's1',
    ]);
    expect(nextProtectionStep(view({ held: 0n, entries: [entry({ stops: [stop()] })] })).cancel).toEqual(['s1']);
    const asked = [entry({ stops: [stop({ cancelRequested: true })] })];
    expect(nextProtectionStep(view({ held: 0n, entries: asked })).cancel).toEqual([]);
  });

  it('takes what other orders closed from the oldest entries', () => {
    const entries = [entry(), entry({ id: 'e2' })];
    expect(placedOf({ entries, held: units('12') })).toEqual([
      ['e1', units('2'), 'GTC'],
      ['e2', units('10'), 'GTC'],
    ]);
  });

  it('asks for no stop on shares that a closing order will sell', () => {
    expect(placedOf({ closingQty: units('4') })).toEqual([['e1', units('6'), 'GTC']]);
    const all = nextProtectionStep(view({ closingQty: units('10') }));
    expect(all.place).toEqual([]);
    expect(all.missing).toBe('the end of another order that would sell the shares');
  });

  it('owes nothing for what the stop itself has closed', () => {
    const stopped = { entries: [entry({ stoppedQty: units('10') })], held: 0n };
    expect(nextProtectionStep(view(stopped))).toMatchObject({ owedQty: 0n, place: [], missing: null });
  });

  it('X-3: closes the shares where the market has passed the price of their stop', () => {
    for (const [bid, exitQty] of [
      ['95', '10'],
      ['94.99', '10'],
      ['95.01', '0'],
    ] as const) {
      const step = nextProtectionStep(view({ bid: units(bid) }));
      expect([step.exitQty, step.place.length]).toEqual([units(exitQty), exitQty === '0' ? 1 : 0]);
    }
    expect(placedOf({ bid: null })).toHaveLength(1);
    expect(placedOf({ bid: units('90'), marketOpen: false })).toHaveLength(1);
  });

  it('waits longer after each stop that the broker refuses', () => {
    const refused = (failures: number, agoMs: number) =>
      nextProtectionStep(view({ entries: [entry({ failures, lastFailure: { why: 'wash trade', agoMs } })] }));
    expect(refused(1, 499).missing).toBe('another attempt (last attempt: wash trade)');
    expect(refused(1, 500).place).toHaveLength(1);
    expect(refused(3, 1_999).place).toEqual([]);
    expect(refused(30, 4_000).place).toHaveLength(1);
  });

  it('never lets stops sell more than is held', () => {
    const qty = fc.bigInt({ min: 0n, max: 20n }).map((n) => n * units('1'));
    const stops = fc.array(
      fc.record({ id: fc.uuid(), leaves: qty, works: fc.boolean(), cancelRequested: fc.boolean() }),
      { maxLength: 3 },
    );
    const entries = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        stopPrice: fc.constant(units('95')),
        filledQty: qty,
        stoppedQty: fc.constant(0n),
        live: fc.boolean(),
        cancelRequested: fc.boolean(),
        firstFillAgoMs: fc.constantFrom(null, 0, 6_000),
        stops,
        failures: fc.constant(0),
        lastFailure: fc.constant(null),
      }),
      { maxLength: 4, selector: ({ id }) => id },
    );
    const views = fc.record({
      symbol: fc.constant('SPY'),
      entries,
      held: qty,
      closingQty: qty,
      buying: fc.boolean(),
      exiting: fc.boolean(),
      mayPlace: fc.boolean(),
      marketOpen: fc.boolean(),
      bid: fc.constantFrom(null, units('100'), units('90')),
    });
    fc.assert(
      fc.property(views, (seen) => {
        const step = nextProtectionStep(seen);
        const placed = step.place.reduce((sum, each) => sum + each.qty, 0n);
        const open = seen.entries.flatMap((each) => each.stops).reduce((sum, { leaves }) => sum + leaves, 0n);
        if (placed > 0n) expect(open + placed + step.exitQty + seen.closingQty <= seen.held).toBe(true);
        expect(step.protectedQty <= step.owedQty && step.owedQty <= seen.held).toBe(true);
        expect(step.missing === null).toBe(step.protectedQty === step.owedQty);
      }),
      fuzz(2_000),
    );
  });
});
