import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import { bytesOf } from './stream/socket';
import { asJson, type Json, KEY_ID, SECRET_KEY, TestSimulator } from './testing/harness';

let simulator: TestSimulator;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await simulator.dispose();
});

/** A client whose messages can be waited for, one at a time and in order. */
class Client {
  readonly socket: WebSocket;
  private readonly inbox: { message: unknown; binary: boolean }[] = [];
  private wake: (() => void) | null = null;

  constructor(path: string) {
    this.socket = new WebSocket(`${simulator.url.replace('http', 'ws')}${path}`);
    sockets.push(this.socket);
    this.socket.on('message', (data: RawData, binary: boolean) => {
      const parsed: unknown = JSON.parse(bytesOf(data).toString('utf8'));
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.inbox.push({ message, binary });
      this.wake?.();
    });
  }

  async open(): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) await new Promise((resolve) => this.socket.once('open', resolve));
    return this;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  async next(): Promise<Json & { binary: boolean }> {
    while (this.inbox.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    const { message, binary } = this.inbox.shift() ?? { message: null, binary: false };
    return { ...asJson(message), binary };
  }
}

async function tradeUpdates(path = '/stream'): Promise<Client> {
  const client = await new Client(path).open();
  client.send({ action: 'authenticate', data: { key_id: KEY_ID, secret_key: SECRET_KEY } });
  await client.next();
  client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await client.next();
  return client;
}

async function events(client: Client, count: number): Promise<Json[]> {
  const found: Json[] = [];
  while (found.length < count) found.push(asJson((await client.next()).data));
  return found;
}

describe('trade updates', () => {
  it('need the keys before they can be listened to', async () => {
    const client = await new Client('/stream').open();
    client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    expect(await client.next()).toMatchObject({ stream: 'authorization', data: { status: 'unauthorized' } });
    client.send({ action: 'auth', key: KEY_ID, secret: 'wrong' });
    expect(await client.next()).toMatchObject({ stream: 'authorization', data: { status: 'unauthorized' } });
    client.send({ action: 'auth', key: KEY_ID, secret: SECRET_KEY });
    expect(await client.next()).toMatchObject({ stream: 'authorization', data: { status: 'authorized' } });
    client.send({ action: 'listen', data: { streams: ['trade_updates', 'account_updates'] } });
    expect(await client.next()).toMatchObject({
      stream: 'listening',
      data: { streams: ['trade_updates'] },
      binary: true,
    });
  });

  it('tell the life of an order in order, with executions that the activities know', async () => {
    const client = await tradeUpdates();
    await simulator.quote('AAPL', '99.98', '100.02', '100', '30');
    const order = await simulator.order({ qty: '50' });
    await simulator.quote('AAPL', '99.98', '100.03', '100', '30');
    const seen = await events(client, 4);
    expect(seen.map((event) => event.event)).toEqual(['pending_new', 'new', 'partial_fill', 'fill']);
    expect(seen[2]).toMatchObject({
      price: '100.02',
      qty: '30',
      position_qty: '30',
      order: { id: order.id, filled_qty: '30', status: 'partially_filled' },
    });
    expect(seen[3]).toMatchObject({
      price: '100.03',
      qty: '20',
      position_qty: '50',
      order: { status: 'filled', filled_qty: '50' },
    });
    const activities = await simulator.list('/v2/account/activities?direction=asc');
    expect(activities.map((activity) => String(activity.id).split('::')[1])).toEqual([
      seen[2]?.execution_id,
      seen[3]?.execution_id,
    ]);
  });

  it('tell of queueing, cancel and expiry', async () => {
    const client = await tradeUpdates('/stream?frames=text');
    const resting = await simulator.order({ type: 'limit', limit_price: '90' });
    await simulator.call('DELETE', `/v2/orders/${String(resting.id)}`);
    await simulator.order({ type: 'limit', limit_price: '90' });
    await simulator.json('POST', '/sim/v1/control', { set_open: false });
    await simulator.order({ type: 'limit', limit_price: '90' });
    const seen = await events(client, 7);
    expect(seen.map((event) => event.event)).toEqual([
      'pending_new',
      'new',
      'canceled',
      'pending_new',
      'new',
      'expired',
      'accepted',
    ]);
  });

  it('reject a cancel under way when the order fills first', async () => {
    const client = await tradeUpdates();
    await simulator.json('PUT', '/sim/v1/faults', { cancel_delay_ms: 60_000 });
    const order = await simulator.order({ type: 'limit', limit_price: '99' });
    expect((await simulator.call('DELETE', `/v2/orders/${String(order.id)}`)).status).toBe(204);
    expect(await simulator.getOrder(order.id)).toMatchObject({ status: 'pending_cancel' });
    await simulator.quote('AAPL', '98.9', '98.94', '4', '4');
    await simulator.quote('AAPL', '98.9', '98.94');
    const seen = await events(client, 6);
    expect(seen.map((event) => event.event)).toEqual([
      'pending_new',
      'new',
      'pending_cancel',
      'partial_fill',
      'fill',
      'order_cancel_rejected',
    ]);
    const slow = await simulator.order({ type: 'limit', limit_price: '90' });
    await simulator.call('DELETE', `/v2/orders/${String(slow.id)}`);
    await simulator.json('POST', '/sim/v1/control', { advance_ms: 60_000 });
    expect(await simulator.getOrder(slow.id)).toMatchObject({ status: 'canceled' });
  });

  it('are dropped, doubled and swapped by the fault switches', async () => {
    const client = await tradeUpdates();
    await simulator.json('PUT', '/sim/v1/faults', { stream: { drop: 1 } });
    await simulator.order({});
    expect((await events(client, 2)).map((event) => event.event)).toEqual(['new', 'fill']);
    await simulator.json('PUT', '/sim/v1/faults', { stream: { duplicate: 1 } });
    await simulator.order({ type: 'limit', limit_price: '90' });
    expect((await events(client, 3)).map((event) => event.event)).toEqual(['pending_new', 'pending_new', 'new']);
    await simulator.json('PUT', '/sim/v1/faults', { stream: { reorder: true } });
    await simulator.order({ type: 'limit', limit_price: '90' });
    expect((await events(client, 2)).map((event) => event.event)).toEqual(['new', 'pending_new']);
  });
});

describe('the market data stream', () => {
  it('greets, asks for the keys, confirms subscriptions and sends what was asked for', async () => {
    const client = new Client('/v2/iex');
    expect(await client.next()).toMatchObject({ T: 'success', msg: 'connected' });
    client.send({ action: 'subscribe', quotes: ['AAPL'] });
    expect(await client.next()).toMatchObject({ T: 'error', code: 401, msg: 'not authenticated' });
    client.send({ action: 'auth', key: KEY_ID, secret: 'wrong' });
    expect(await client.next()).toMatchObject({ T: 'error', code: 402 });
    client.send({ action: 'auth', key: KEY_ID, secret: SECRET_KEY });
    expect(await client.next()).toMatchObject({ T: 'success', msg: 'authenticated' });
    client.send({ action: 'subscribe', quotes: ['AAPL'], trades: ['MSFT'], bars: ['*'] });
    expect(await client.next()).toMatchObject({ T: 'subscription', quotes: ['AAPL'], trades: ['MSFT'], bars: ['*'] });
    await simulator.quote('AAPL', '101', '101.02', '300', '400');
    expect(await client.next()).toMatchObject({
      T: 'q',
      S: 'AAPL',
      bp: 101,
      ap: 101.02,
      bs: 300,
      as: 400,
      binary: false,
    });
    await simulator.quote('MSFT', '200', '200.02');
    expect(await client.next()).toMatchObject({ T: 't', S: 'MSFT', p: 200.01 });
    await simulator.json('POST', '/sim/v1/control', { advance_ms: 60_000 });
    const bars = [
      await client.next(),
      await client.next(),
      await client.next(),
      await client.next(),
      await client.next(),
    ];
    expect(new Set(bars.map((bar) => bar.S))).toEqual(new Set(['AAPL', 'AMZN', 'MSFT', 'NVDA', 'SPY']));
    client.send({ action: 'unsubscribe', quotes: ['AAPL'], bars: ['*'] });
    expect(await client.next()).toMatchObject({ T: 'subscription', quotes: [], trades: ['MSFT'], bars: [] });
  });

  it('reports that a symbol is halted and resumes, and quotes nothing of it meanwhile', async () => {
    const client = new Client('/v2/iex');
    await client.next();
    client.send({ action: 'auth', key: KEY_ID, secret: SECRET_KEY });
    await client.next();
    client.send({ action: 'subscribe', statuses: ['AAPL'], trades: ['AAPL', 'MSFT'] });
    expect(await client.next()).toMatchObject({ T: 'subscription', statuses: ['AAPL'] });
    const set = (status: string) =>
      simulator.json('POST', '/sim/v1/control', { trading_status: { symbol: 'AAPL', status } });
    await set('halted');
    expect(await client.next()).toMatchObject({ T: 's', S: 'AAPL', sc: 'H', sm: 'Trading Halt', z: 'C' });
    await simulator.json('POST', '/sim/v1/control', { advance_ms: 86_400_000 });
    expect(await client.next()).toMatchObject({ T: 't', S: 'MSFT' });
    await set('trading');
    expect(await client.next()).toMatchObject({ T: 's', S: 'AAPL', sc: 'T' });
  });

  it('does not exist on any other path', async () => {
    const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/v2/elsewhere`);
    const message = await new Promise<string>((resolve) => socket.once('error', (error) => resolve(error.message)));
    expect(message).toContain('404');
  });
});
