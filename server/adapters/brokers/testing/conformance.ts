import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrokerOrder, NewBrokerOrder, StreamHandle, TradeUpdate } from '@/server/application/ports/broker';
import type { BrokerGateway } from '@/server/application/ports/broker-gateway';
import { parseUnits } from '@/server/kernel/money';

/** A venue under the test's control, reached through the gateway under test. The account starts flat, with cash. */
export interface ConformanceVenue {
  readonly gateway: BrokerGateway;
  /** A symbol that trades, in an open market. */
  readonly symbol: string;
  /** What the venue answers to an order that would trade against one of the same account. */
  readonly washTradeRefusal: { readonly status?: number; readonly code?: string; readonly message: unknown };
  quote(bid: string, ask: string): Promise<void>;
  /** The venue takes the next order, and its reply is lost. */
  loseNextReply(): Promise<void>;
  /** The venue refuses the next cancel; the order works on. */
  refuseNextCancel(): Promise<void>;
  close(): Promise<void>;
}

const UNKNOWN_ID = '61e69015-8549-4bfd-b9c3-01e75843f47d';
const DAY_MS = 86_400_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited 30 s for ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** What every broker adapter promises. Tests build on one another: they share one account. */
export function describeBrokerConformance(name: string, open: () => Promise<ConformanceVenue>): void {
  describe(`${name} conforms to the BrokerGateway`, () => {
    let venue: ConformanceVenue;
    let gateway: BrokerGateway;
    let stream: StreamHandle;
    const updates: TradeUpdate[] = [];
    let connected = 0;

    beforeAll(async () => {
      venue = await open();
      gateway = venue.gateway;
      await venue.quote('100.00', '100.02');
      stream = gateway.tradeStream.start({
        update: (update) => void updates.push(update),
        connected: () => {
          connected += 1;
        },
        disconnected: () => undefined,
        unreadable: (reason) => {
          throw new Error(reason);
        },
      });
      await until('the stream', () => connected > 0);
    });

    afterAll(async () => {
      await stream.close();
      await venue.close();
    });

    const order = (changes: Partial<NewBrokerOrder> = {}): NewBrokerOrder => ({
      clientOrderId: randomUUID(),
      symbol: venue.symbol,
      side: 'BUY',
      qty: parseUnits('2'),
      orderType: 'MARKET',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'DAY',
      ...changes,
    });
    const resting = () => order({ orderType: 'LIMIT', limitPrice: parseUnits('90'), timeInForce: 'GTC' });
    const send = (terms: NewBrokerOrder) => gateway.broker.submit(terms, { timeoutMs: 5_000 });
    const accepted = async (terms: NewBrokerOrder): Promise<BrokerOrder> => {
      const outcome = await send(terms);
      if (outcome.kind !== 'accepted') throw new Error(`the order was ${JSON.stringify(outcome)}`);
      return outcome.order;
    };
    const read = async (id: string): Promise<BrokerOrder> => {
      const found = await gateway.broker.orderById(id);
      if (found === null) throw new Error(`no order ${id}`);
      return found;
    };
    const updatesOf = (id: string, event: TradeUpdate['event']) =>
      updates.filter((each) => each.order.externalOrderId === id && each.event === event);

    it('says what it is, and which shares it trades', async () => {
      expect(gateway.address).not.toBe('');
      const found = await gateway.venue();
      expect(found.speed).toBeGreaterThan(0);
      expect(found.source).not.toBe('');
      expect(await gateway.broker.asset(venue.symbol)).toMatchObject({ symbol: venue.symbol, tradable: true });
      expect(await gateway.broker.asset('NOPE')).toBeNull();
      expect((await gateway.broker.clock()).isOpen).toBe(true);
      const account = await gateway.broker.account();
      expect(account.accountId).not.toBe('');
      expect(account.tradingBlocked).toBe(false);
      expect(account.cash > 0n).toBe(true);
      expect(await gateway.broker.positions()).toEqual([]);
      const days = await gateway.broker.calendar('2026-01-05', '2026-01-06');
      for (const { date, open: opens, close } of days) {
        expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
        expect([opens, close]).toEqual([expect.stringMatching(/^\d\d:\d\d$/), expect.stringMatching(/^\d\d:\d\d$/)]);
      }
    });

    it('takes an order with its terms, and finds it by both ids', async () => {
      const terms = resting();
      const { externalOrderId } = await accepted(terms);
      const expected = { ...terms, externalOrderId, status: 'ACCEPTED', filledQty: 0n, cancelPending: false };
      expect(await gateway.broker.orderById(externalOrderId)).toMatchObject(expected);
      expect(await gateway.broker.orderByClientId(terms.clientOrderId)).toMatchObject(expected);
      expect(await gateway.broker.openOrders()).toEqual([expect.objectContaining(expected)]);
      await until('the stream to report it', () => updatesOf(externalOrderId, 'ACCEPTED').length > 0);
    });

    it('answers null for orders that it does not have', async () => {
      expect(await gateway.broker.orderById(UNKNOWN_ID)).toBeNull();
      expect(await gateway.broker.orderByClientId(UNKNOWN_ID)).toBeNull();
    });

    it('takes a client order id once', async () => {
      const terms = resting();
      await accepted(terms);
      expect((await send(terms)).kind).toBe('duplicate');
      const all = await gateway.broker.openOrders();
      expect(all.filter(({ clientOrderId }) => clientOrderId === terms.clientOrderId)).toHaveLength(1);
    });

    it('refuses with its words what cannot be traded, and keeps nothing of it', async () => {
      const terms = order({ symbol: 'NOPE' });
      const outcome = await send(terms);
      expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringMatching(/./) });
      expect(await gateway.broker.orderByClientId(terms.clientOrderId)).toBeNull();
    });

    it('names an execution alike on the stream and in the statement', async () => {
      const before = await gateway.broker.account();
      const { externalOrderId } = await accepted(order());
      await until('the fill', () => updatesOf(externalOrderId, 'FILL').length > 0);
      const [update] = updatesOf(externalOrderId, 'FILL');
      expect(update?.fill).toMatchObject({ qty: parseUnits('2'), price: parseUnits('100.02') });
      const statement = await gateway.broker.activitiesAfter(0);
      const fills = statement.filter((each) => each.kind === 'FILL' && each.externalOrderId === externalOrderId);
      expect(fills).toEqual([
        expect.objectContaining({
          executionId: update?.fill?.executionId,
          symbol: venue.symbol,
          side: 'BUY',
          qty: parseUnits('2'),
          price: parseUnits('100.02'),
        }),
      ]);
      expect(await read(externalOrderId)).toMatchObject({
        status: 'FILLED',
        filledQty: parseUnits('2'),
        filledAvgPrice: parseUnits('100.02'),
      });
      expect(await gateway.broker.positions()).toMatchObject([{ symbol: venue.symbol, qty: parseUnits('2') }]);
      expect((await gateway.broker.account()).cash < before.cash).toBe(true);
    });

    it('cancels an order once', async () => {
      const { externalOrderId } = await accepted(resting());
      expect(await gateway.broker.cancel(externalOrderId)).toEqual({ kind: 'taken' });
      await until('the cancel', async () => (await read(externalOrderId)).status === 'CANCELLED');
      await until('the stream to report it', () => updatesOf(externalOrderId, 'CANCELLED').length === 1);
      expect((await gateway.broker.cancel(externalOrderId)).kind).toBe('too_late');
      expect((await gateway.broker.cancel(UNKNOWN_ID)).kind).toBe('not_found');
      const ended = await gateway.broker.endedOrders(new Set([externalOrderId]), 2);
      expect(ended).toMatchObject([{ externalOrderId, status: 'CANCELLED' }]);
    });

    it('leaves an order working whose cancel it refuses', async () => {
      const { externalOrderId } = await accepted(resting());
      await venue.refuseNextCancel();
      expect(await gateway.broker.cancel(externalOrderId)).toMatchObject({
        kind: 'too_late',
        message: expect.stringMatching(/./),
      });
      expect(await read(externalOrderId)).toMatchObject({ status: 'ACCEPTED', cancelPending: false });
      expect((await gateway.broker.cancel(externalOrderId)).kind).toBe('taken');
    });

    it('calls a send without a reply uncertain, and finds the order by its client id', async () => {
      const terms = resting();
      await venue.loseNextReply();
      expect((await send(terms)).kind).toBe('uncertain');
      expect(await gateway.broker.orderByClientId(terms.clientOrderId)).toMatchObject({ status: 'ACCEPTED' });
      expect((await send(terms)).kind).toBe('duplicate');
    });

    it('cancels everything in one request', async () => {
      const open = await gateway.broker.openOrders();
      expect(open.length).toBeGreaterThan(1);
      expect(await gateway.broker.cancelAll()).toEqual({ asked: open.length, refused: [] });
      await until('no open order', async () => (await gateway.broker.openOrders()).length === 0);
    });

    it('refuses an order that would trade against one of the same account, and takes it once that one has ended', async () => {
      const { externalOrderId } = await accepted(resting());
      const sell = order({ side: 'SELL', qty: parseUnits('1') });
      expect(await send(sell)).toMatchObject({ kind: 'refused', ...venue.washTradeRefusal });
      expect(gateway.health().state).toBe('OK');
      expect((await gateway.broker.cancel(externalOrderId)).kind).toBe('taken');
      await until('the cancel', async () => (await read(externalOrderId)).status === 'CANCELLED');
      const { externalOrderId: sold } = await accepted({ ...sell, clientOrderId: randomUUID() });
      await until('the sale', async () => (await read(sold)).status === 'FILLED');
    });

    it('refuses every order while trading is suspended, and still cancels', async () => {
      const { externalOrderId } = await accepted(resting());
      expect(await gateway.suspension.suspended()).toBe(false);
      await gateway.suspension.suspend(true);
      expect(await gateway.suspension.suspended()).toBe(true);
      expect((await send(resting())).kind).toBe('refused');
      expect((await gateway.broker.account()).tradingBlocked).toBe(true);
      expect((await gateway.broker.cancel(externalOrderId)).kind).toBe('taken');
      await gateway.suspension.suspend(false);
      await accepted(resting());
      await gateway.broker.cancelAll();
    });

    it('states its activities oldest first', async () => {
      const times = (await gateway.broker.activitiesAfter(0)).map(({ atMs }) => atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    it('quotes, by request and by stream', async () => {
      const quotes: string[] = [];
      let subscribed = false;
      const market = gateway.marketData.stream([venue.symbol], {
        quote: ({ symbol, bid }) => void quotes.push(`${symbol} ${bid}`),
        trade: () => undefined,
        bar: () => undefined,
        connected: () => {
          subscribed = true;
        },
        disconnected: () => undefined,
        refused: () => undefined,
      });
      await until('the subscription', () => subscribed);
      await venue.quote('101.00', '101.02');
      await until('the quote', () => quotes.includes(`${venue.symbol} ${parseUnits('101')}`));
      await market.close();
      const latest = await gateway.marketData.latestQuotes([venue.symbol]);
      expect(latest).toMatchObject([{ symbol: venue.symbol, bid: parseUnits('101'), ask: parseUnits('101.02') }]);
    });

    it('has bars and news of the time that is asked for, oldest first', async () => {
      const { marketTimeMs } = await gateway.broker.clock();
      const fromMs = Math.floor(marketTimeMs / 60_000) * 60_000 - 600_000;
      const bars = await gateway.marketData.bars([venue.symbol], { fromMs, limit: 3 });
      expect(bars.length).toBeLessThanOrEqual(3);
      for (const [n, { startMs, endMs }] of bars.entries()) {
        expect(endMs - startMs).toBe(60_000);
        expect(startMs).toBeGreaterThanOrEqual(bars[n - 1]?.endMs ?? fromMs);
      }
      const news = await gateway.news.news([venue.symbol], marketTimeMs - DAY_MS, marketTimeMs);
      for (const { publishedMs } of news) {
        expect(publishedMs).toBeGreaterThanOrEqual(marketTimeMs - DAY_MS);
        expect(publishedMs).toBeLessThan(marketTimeMs);
      }
      expect(gateway.newsName).toMatch(/^[a-z]+$/);
    });

    it('counts requests apart, and takes urgent ones', async () => {
      const [first, second] = [gateway.metered(), gateway.metered()];
      await first.broker.account();
      expect([first.counts().requests, second.counts().requests]).toEqual([1, 0]);
      const before = gateway.urgent.requests();
      await gateway.urgent.broker.openOrders();
      expect(gateway.urgent.requests()).toBeGreaterThan(before);
      expect(gateway.urgent.requestsPerMinute()).toBeGreaterThanOrEqual(0);
    });

    it('is well', () => {
      expect(gateway.health()).toMatchObject({ state: 'OK', detail: '', stream: 'CONNECTED', breaker: 'CLOSED' });
    });
  });
}
