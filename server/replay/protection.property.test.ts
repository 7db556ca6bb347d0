import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scenarioHeaderSchema } from '@/server/contracts/scenario';
import { leavesQty } from '@/server/domain/order/view';
import { positionOf } from '@/server/domain/position/ledger';
import { ONE } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';
import { ReplayEngine } from './engine';

const START_MS = Date.parse('2026-01-05T14:30:00.000Z');
const SYMBOL = 'SPY';

type Step =
  | { readonly kind: 'enter'; readonly qty: number; readonly type: 'MARKET' | 'LIMIT'; readonly legs: 'stop' | 'both' }
  | { readonly kind: 'exit'; readonly share: number }
  | { readonly kind: 'bar'; readonly low: number; readonly high: number; readonly volume: number }
  | { readonly kind: 'halt' | 'release' | 'halted' | 'trading' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('enter' as const),
    qty: fc.integer({ min: 1, max: 9 }),
    type: fc.constantFrom('MARKET' as const, 'LIMIT' as const),
    legs: fc.constantFrom('stop' as const, 'both' as const),
  }),
  fc.record({ kind: fc.constant('exit' as const), share: fc.integer({ min: 1, max: 3 }) }),
  fc
    .tuple(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 30 }))
    .map(([low, range, volume]) => ({ kind: 'bar' as const, low, high: low + range, volume })),
  fc.record({ kind: fc.constantFrom('halt' as const, 'release' as const, 'halted' as const, 'trading' as const) }),
);

const header = scenarioHeaderSchema.parse({
  scenario: 1,
  name: 'protection',
  start: '2026-01-05T14:30:00.000Z',
  cash: '100000',
  gate: 'off',
  policy: { allowlist: [SYMBOL] },
  exchange: { mode: 'bars', participation: '0.2' },
});

it('S-1 to S-4, X-2: no closing order and no stop ever sells more than is held, and stops follow the position', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const engine = new ReplayEngine(header, [], () => undefined);
      const { account, orderManager } = engine;
      const held = () => positionOf(account.ledger, SYMBOL).qty;
      let at = START_MS;
      const units = (value: number) => BigInt(value) * ONE;
      const order = { symbol: SYMBOL, time_in_force: 'GTC', type: 'order' } as const;
      steps.forEach((each, index) => {
        at += 60_000;
        switch (each.kind) {
          case 'bar':
            engine.apply({
              type: 'bar',
              at,
              symbol: SYMBOL,
              open: units(each.low),
              high: units(each.high),
              low: units(each.low),
              close: units(each.high),
              volume: units(each.volume),
              period_s: 60,
            });
            break;
          case 'enter':
            engine.apply({
              ...order,
              at,
              id: `o${index}`,
              side: 'BUY',
              qty: units(each.qty),
              order_type: each.type,
              limit_price: each.type === 'LIMIT' ? units(101) : null,
              stop_loss: { stop_price: units(93) },
              take_profit: each.legs === 'both' ? { limit_price: units(115) } : null,
            });
            break;
          case 'exit': {
            const closing = [...orderManager.working.values()]
              .filter(({ state, placement }) => state.side === 'SELL' && placement.protective === undefined)
              .reduce((sum, { state }) => sum + leavesQty(state), 0n);
            const qty = (held() - closing) / BigInt(each.share);
            if (qty > 0n) engine.apply({ ...order, at, id: `o${index}`, side: 'SELL', qty, order_type: 'MARKET' });
            break;
          }
          case 'halted':
          case 'trading':
            engine.apply({ type: 'status', at, symbol: SYMBOL, status: each.kind });
            break;
          default:
            engine.apply({ type: each.kind, at });
        }
        expect(held()).toBeGreaterThanOrEqual(0n);
        const stops = [...orderManager.working.values()].filter(
          ({ state, placement }) => placement.protective?.purpose === 'STOP' && state.status !== 'NEW',
        );
        const protectedQty = stops.reduce((sum, { state }) => sum + leavesQty(state), 0n);
        expect(protectedQty).toBeLessThanOrEqual(held());
        const buying = [...orderManager.working.values()].some(({ state }) => state.side === 'BUY');
        const closing = [...orderManager.working.values()].some(
          ({ state, placement }) => state.side === 'SELL' && placement.protective === undefined,
        );
        if (!buying && !closing) expect(orderManager.protection.unprotected()).toEqual([]);
      });
    }),
    fuzz(5_000),
  );
});
