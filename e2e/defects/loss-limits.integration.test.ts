import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NonTradeActivity } from '@/server/application/ports/broker';
import { nonTrade } from '@/server/application/testing/fakes';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { factsOf, type PlacementFacts } from '@/test-support/placements';
import { PERSON, Scene } from './support';

const HOUR_MS = 3_600_000;

/** The broker's equity and its last close, from now on. */
function equityIs(scene: Scene, equity: string, lastEquity = '100000'): void {
  const { broker } = scene;
  const account = broker.account;
  broker.account = async () => ({
    ...(await account()),
    equity: parseMoney(equity),
    lastEquity: parseMoney(lastEquity),
  });
}

describe('a drawdown beyond the limit while a buy works', () => {
  let scene: Scene;
  let buy: string;
  let state: string;
  beforeAll(async () => {
    scene = await Scene.open();
    buy = await scene.work();
    equityIs(scene, '96030');
    await scene.run(10_000);
    state = (await scene.system.commands.tradingState()).state;
  });
  afterAll(() => scene.close());

  it('A1: the limit latches: trading is REDUCING', () => {
    expect(state).toBe('REDUCING');
  });

  it('A1: the buy is cancelled at the broker', () => {
    expect(scene.brokerStatus(buy)).toBe('canceled');
  });
});

describe('a loss of 51 dollars on a day in M3, and a recovery after it', () => {
  let scene: Scene;
  let buy: string;
  const states: string[] = [];
  beforeAll(async () => {
    scene = await Scene.open();
    buy = await scene.work();
    await scene.query(`UPDATE settings SET stage = 'M3_LIVE_SMALL', version = version + 1`);
    for (const equity of ['99949', '99950.01']) {
      equityIs(scene, equity);
      await scene.run(10_000);
      states.push((await scene.system.commands.tradingState()).state);
    }
  });
  afterAll(() => scene.close());

  it('A1: trading is HALTED', () => {
    expect(states[0]).toBe('HALTED');
  });

  it('A1: a recovering price reopens nothing', () => {
    expect(states[1]).toBe('HALTED');
  });

  it('A1: the buy is cancelled at the broker', () => {
    expect(scene.brokerStatus(buy)).toBe('canceled');
  });
});

describe('a person reduces trading while a buy and a sell work', () => {
  let scene: Scene;
  let buy: string;
  let sell: string;
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(5);
    buy = await scene.work({ symbol: 'MSFT' });
    sell = await scene.work({ side: 'SELL' });
    expect(await scene.system.commands.reduce(PERSON, 'a strange market')).toMatchObject({ ok: true });
    await scene.run(10_000);
  });
  afterAll(() => scene.close());

  it('A1: the buy is cancelled at the broker', () => {
    expect(scene.brokerStatus(buy)).toBe('canceled');
  });

  it('the sell works on', () => {
    expect(scene.brokerStatus(sell)).toBe('new');
  });
});

describe('a break on the symbol of a working buy', () => {
  let scene: Scene;
  let buy: string;
  let other: string;
  beforeAll(async () => {
    scene = await Scene.open();
    buy = await scene.work();
    other = await scene.work({ symbol: 'MSFT' });
    scene.broker.positions = async () => [
      { symbol: 'AAPL', qty: parseUnits('7'), marketPrice: parseUnits('100'), cost: parseMoney('700') },
    ];
    await scene.run(20_000);
    const { breaks } = await scene.system.look();
    expect(breaks.filter(({ open }) => open)).toMatchObject([{ symbol: 'AAPL', cause: 'POSITION_MISMATCH' }]);
  });
  afterAll(() => scene.close());

  it('A1: rounds that confirm the break cancel the buy', () => {
    expect(scene.brokerStatus(buy)).toBe('canceled');
  });

  it('a buy of another symbol works on', () => {
    expect(scene.brokerStatus(other)).toBe('new');
  });
});

describe('a deposit between a close and the next open, then a loss of 8%', () => {
  let scene: Scene;
  let answer: PlacementFacts;
  beforeAll(async () => {
    scene = await Scene.open();
    const { broker, system } = scene;
    let isOpen = true;
    broker.clock = async () => ({
      marketTimeMs: system.clock.nowMs(),
      isOpen,
      nextOpenMs: null,
      nextCloseMs: null,
    });
    await scene.run(5_000);
    // Monday 16:30 in New York: the session has closed at 99,987.
    isOpen = false;
    await system.clock.advance(6.5 * HOUR_MS);
    const deposit: NonTradeActivity = nonTrade({
      activityId: '20261116::deposit',
      type: 'CSD',
      category: 'TRANSFER',
      amount: parseMoney('10034'),
      atMs: system.clock.nowMs(),
    });
    broker.activitiesAfter = async (afterMs) => (afterMs <= deposit.atMs ? [deposit] : []);
    const account = broker.account;
    const afterDeposit = { cash: parseMoney('110034'), buyingPower: parseMoney('110034') };
    let equity = '110021';
    broker.account = async () => ({
      ...(await account()),
      ...afterDeposit,
      equity: parseMoney(equity),
      lastEquity: parseMoney('99987'),
    });
    await scene.run(5_000);
    // Tuesday 10:00 in New York. The broker's last equity stays that of Monday's close.
    isOpen = true;
    await system.clock.advance(17.5 * HOUR_MS);
    await scene.query(`UPDATE market_clock SET next_close = market_time + interval '6 hours'`);
    await scene.run(5_000);
    const booked = await scene.query(`SELECT 1 FROM ledger_entries WHERE ref LIKE '%deposit%'`);
    expect(booked).toHaveLength(1);
    equity = '101200';
    await scene.run(5_000);
    expect((await system.look()).breaks).toEqual([]);
    const order = { symbol: 'AAPL', side: 'BUY', qty: 5, sure: true, limit: true } as const;
    answer = factsOf(await system.propose(order));
  });
  afterAll(() => scene.close());

  it('A2: the day begins at the last close plus what was paid in since: nothing opens', () => {
    expect(answer.kind).toBe('REJECTED');
    expect(answer.codes.join(' ')).toMatch(/DAILY_DRAWDOWN_LIMIT|TRADING_REDUCING/);
  });
});
