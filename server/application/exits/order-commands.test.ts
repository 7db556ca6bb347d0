import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExitRequest, ExitRequests } from '@/server/application/ports/exit-store';
import { createOrderCommands } from './order-commands';

const ACTOR = { kind: 'user', principalId: 'p', name: 'maria@example.com', correlationId: 'test' } as const;
const SYMBOLS = Array.from({ length: 12 }, (_, n) => `S${n}`);

let requested: ExitRequest[] = [];
let underWay = 0;
let most = 0;

beforeEach(() => {
  [requested, cancelled, underWay, most] = [[], [], 0, 0];
});

const requests: ExitRequests = {
  withdraw: async (_actor, exitId) => (exitId === 'open' ? ['own'] : null),
  heldSymbols: async () => SYMBOLS,
  async request(_actor, request) {
    underWay += 1;
    most = Math.max(most, underWay);
    await setImmediate();
    underWay -= 1;
    requested.push(request);
    return `exit ${request.symbol}`;
  },
};

let cancelled: string[] = [];
const orders = {
  requestCancel: async (id: string) => {
    cancelled.push(id);
    return null;
  },
  rejectApproval: async () => 'DONE',
};

const commandsOver = (changes: Partial<ExitRequests> = {}) =>
  createOrderCommands(orders, { ...requests, ...changes }, () => 'id');

describe('closing one position', () => {
  it('requests an exit of everything, without an end (X-1)', async () => {
    expect(await commandsOver().closePosition(ACTOR, 'S3', ' enough ')).toEqual({ ok: true, exitId: 'exit S3' });
    expect(requested).toEqual([
      { id: 'id', symbol: 'S3', source: 'PERSON', qty: null, reason: 'enough', stage: null, endsInMs: null },
    ]);
  });

  it.each([
    ['nothing is held', 'OTHER', 'enough', 'CONFLICT'],
    ['no reason is given', 'S3', ' ', 'INVALID'],
  ])('is refused where %s', async (_why, symbol, reason, code) => {
    expect(await commandsOver().closePosition(ACTOR, symbol, reason)).toMatchObject({ ok: false, code });
    expect(requested).toEqual([]);
  });
});

describe('withdrawing an exit', () => {
  it('ends it and cancels its open order', async () => {
    expect(await commandsOver().withdrawExit(ACTOR, 'open', 'keep it')).toEqual({ ok: true, status: 'WITHDRAWN' });
    expect(cancelled).toEqual(['own']);
  });

  it.each([
    ['it has ended', 'ended', 'keep it', 'CONFLICT'],
    ['no reason is given', 'open', '', 'INVALID'],
  ])('is refused where %s', async (_why, id, reason, code) => {
    expect(await commandsOver().withdrawExit(ACTOR, id, reason)).toMatchObject({ ok: false, code });
  });
});

describe('flattening everything', () => {
  it('requests several exits at once, within a bound, and answers in the order of the symbols', async () => {
    const outcome = await commandsOver().flattenAll(ACTOR, 'test');
    expect(outcome).toEqual({ ok: true, exitIds: SYMBOLS.map((symbol) => `exit ${symbol}`) });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('attempts every symbol although one fails, and reports the failure', async () => {
    const flattening = commandsOver({
      request: async (actor, request) => {
        if (request.symbol === 'S0') throw new Error('S0 failed');
        return requests.request(actor, request);
      },
    });
    await expect(flattening.flattenAll(ACTOR, 'test')).rejects.toThrow('S0 failed');
    expect(requested.map(({ symbol }) => symbol).sort()).toEqual(SYMBOLS.slice(1).sort());
  });
});
