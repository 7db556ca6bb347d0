import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OrderStore } from '@/server/application/ports/order-store';
import { createOrderCommands } from './order-commands';

const ACTOR = { kind: 'user', principalId: 'p', name: 'maria@example.com', correlationId: 'test' } as const;
const SYMBOLS = Array.from({ length: 12 }, (_, n) => `S${n}`);

let closed: string[] = [];
let cancelled: string[] = [];
let underWay = 0;
let most = 0;

beforeEach(() => {
  [closed, cancelled, underWay, most] = [[], [], 0, 0];
});

async function tracked<T>(work: () => T): Promise<T> {
  underWay += 1;
  most = Math.max(most, underWay);
  await setImmediate();
  underWay -= 1;
  return work();
}

const storeWith = (changes: Partial<OrderStore> = {}): OrderStore => ({
  heldSymbols: async () => SYMBOLS,
  flatten: (symbol) =>
    tracked(() => {
      closed.push(symbol);
      return `close ${symbol}`;
    }),
  liveOrders: async (symbol) => [`${symbol} a`, `${symbol} b`],
  requestCancel: (id) =>
    tracked(() => {
      cancelled.push(id);
      return { asked: true, status: 'CANCEL_PENDING' };
    }),
  rejectApproval: async () => 'DONE',
  ...changes,
});

const commandsOver = (store: OrderStore) => createOrderCommands(store, () => 'id');

describe('flattening everything', () => {
  it('closes several symbols at once, within a bound, and answers in their order', async () => {
    const outcome = await commandsOver(storeWith()).flattenAll(ACTOR, 'test');
    expect(outcome).toEqual({ ok: true, orderIds: SYMBOLS.map((symbol) => `close ${symbol}`) });
    expect(cancelled).toHaveLength(24);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('attempts every symbol although one fails, and reports the failure', async () => {
    const store = storeWith({
      flatten: async (symbol) => {
        if (symbol === 'S0') throw new Error('S0 failed');
        closed.push(symbol);
        return `close ${symbol}`;
      },
    });
    await expect(commandsOver(store).flattenAll(ACTOR, 'test')).rejects.toThrow('S0 failed');
    expect(closed).toEqual(SYMBOLS.slice(1));
  });

  it('asks for every cancel although one fails', async () => {
    const store = storeWith({
      requestCancel: async (id) => {
        if (id === 'S0 a') throw new Error('not cancelled');
        cancelled.push(id);
        return { asked: true, status: 'CANCEL_PENDING' };
      },
    });
    await expect(commandsOver(store).closePosition(ACTOR, 'S0', 'test')).rejects.toThrow('not cancelled');
    expect(cancelled).toEqual(['S0 b']);
  });
});
