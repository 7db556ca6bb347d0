import { afterEach, expect, test } from 'vitest';
import { orderDetailBodySchema } from '@/server/contracts/order';
import { bothSides } from '@/workers/testing/stack';
import { figures } from './support/figures';
import { System, type SystemOptions } from './support/system';

let system: System;

afterEach(async () => {
  await system.stop();
});

async function start(options: SystemOptions = {}, strategies = 'none'): Promise<void> {
  system = await System.start(options);
  await system.stack.worker({ STRATEGIES: strategies });
  await system.stack.reconciled();
}

async function detail(orderId: string) {
  const answer = await system.call('GET', `/v1/orders/${orderId}`);
  return orderDetailBodySchema.parse(answer.body);
}

const ended = (orderId: string, status: string) =>
  system.stack.until(`${orderId} to be ${status}`, async () => (await system.stack.status(orderId)) === status, 60_000);

async function expectAgreement(): Promise<void> {
  await system.stack.until('both sides to agree', async () => {
    const { ours, theirs } = await bothSides(system.stack);
    return JSON.stringify(ours) === JSON.stringify(theirs);
  });
}

test('a generated signal passes policy, is executed and filled, and its story is on one page', async () => {
  await start({ simulator: { SIMULATOR_FEE_PER_SHARE: '0.005' } });
  const startedMs = performance.now();
  const generated = await system.call('POST', '/v1/signals/generate', { body: { symbol: 'AAPL', strategy: 'fake' } });
  expect(generated.status).toBe(200);
  const { signal_id, candidate_action } = generated.body;
  expect(candidate_action).toBe('BUY');
  const placed = await system.place({ signal_id: String(signal_id), qty: '2' });
  expect(placed.status).toBe(201);
  const orderId = String(placed.body['order_id']);
  await ended(orderId, 'FILLED');
  const filledMs = performance.now() - startedMs;
  const story = await detail(orderId);
  expect(story).toMatchObject({ status: 'FILLED', cum_qty: '2', leaves_qty: '0' });
  expect(story.timeline.signal).toMatchObject({ signal_id, candidate_action: 'BUY', strategy: 'fake' });
  expect(story.timeline.evaluations.map(({ kind, decision }) => [kind, decision])).toEqual([['GATE', 'APPROVE']]);
  expect(story.timeline.fills.map(({ qty }) => qty)).toEqual(['2']);
  const types = story.timeline.events.map(({ type }) => type);
  for (const type of ['created', 'claimed', 'sent', 'accepted', 'fill']) expect(types).toContain(type);
  await expectAgreement();
  figures('signal to fill over HTTP', { ms: Math.round(filledMs) });
});

test('a review waits for a person; countersigned, it is executed and filled; of two tabs one has an effect', async () => {
  await start();
  const signal_id = await system.signal({ confidence: 0.55 });
  const waiting = await system.place({ signal_id, qty: '2' });
  expect(waiting.status).toBe(202);
  expect(await system.stack.brokerOrders()).toEqual([]);
  const id = String(waiting.body['approval_id']);
  const [one, other] = [await system.console(), await system.console()];
  const shown = await one.approvals.get.query({ id });
  expect(shown.reasons.map(({ code }) => code)).toEqual(['CONFIDENCE_LOW']);
  expect(shown.approval).toMatchObject({ symbol: 'AAPL', side: 'BUY', qty: '2', status: 'PENDING' });
  const request = { id, shownHash: shown.shownHash };
  const answers = await Promise.all([one, other].map((each) => each.approvals.approve.mutate(request)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  const orderId = await system.scalar('SELECT id FROM orders WHERE approval_id = $1', [id]);
  await ended(orderId, 'FILLED');
  const { timeline } = await detail(orderId);
  expect(timeline.approval).toMatchObject({ approval_id: id, status: 'APPROVED', decided_by: 'admin@example.com' });
  expect(timeline.evaluations.map(({ kind, decision }) => [kind, decision])).toEqual([
    ['ADVISORY', 'REVIEW'],
    ['GATE', 'REVIEW'],
    ['APPROVAL', 'REVIEW'],
  ]);
  expect((await system.stack.brokerOrders()).map((each) => each.client_order_id)).toEqual([orderId]);
  await expectAgreement();
});

test('a review that a person rejects reaches nobody', async () => {
  await start();
  const signal_id = await system.signal({ confidence: 0.55 });
  const waiting = await system.place({ signal_id });
  const id = String(waiting.body['approval_id']);
  const console = await system.console();
  const rejected = await console.approvals.reject.mutate({ id, reason: 'not today' });
  expect(rejected).toMatchObject({ ok: true });
  const shown = await console.approvals.get.query({ id });
  expect(shown).toMatchObject({ approval: { status: 'REJECTED' }, reason: 'not today' });
  const late = await console.approvals.approve.mutate({ id, shownHash: shown.shownHash });
  expect(late.ok).toBe(false);
  expect((await system.place({ signal_id })).body['code']).toBe('SIGNAL_CONSUMED');
  expect(await system.stack.brokerOrders()).toEqual([]);
});

test('an order that costs more than the broker then has is rejected with the broker’s words', async () => {
  await start({ simulator: { SIMULATOR_CASH: '1000' } });
  const hold = (bid: string, ask: string) =>
    system.stack.sim('POST', '/sim/v1/control', { quote: { symbol: 'AAPL', bid, ask } });
  await hold('9.48', '9.50');
  await system.stack.until('the held quote', async () => {
    return (await system.scalar(`SELECT trim_scale(ask) FROM quotes WHERE symbol = 'AAPL'`)) === '9.5';
  });
  const signal_id = await system.signal();
  // Judged with 1,000 of cash, most of which is withdrawn before the order leaves: nothing is sent while no worker runs. (A price that
  // leaves the collar would not reach the broker: P-12.)
  await system.stack.endWorkers('SIGTERM');
  const placed = await system.place({ signal_id });
  expect(placed.status).toBe(201);
  await system.stack.sim('POST', '/sim/v1/control', { activities: [{ type: 'CSW', net_amount: '-995' }] });
  await system.stack.worker();
  const orderId = String(placed.body['order_id']);
  await ended(orderId, 'REJECTED');
  const story = await detail(orderId);
  expect(story.reject_reason).toContain('insufficient buying power');
  expect(story.timeline.events.find(({ type }) => type === 'rejected')?.data).toMatchObject({
    reason: expect.stringContaining('insufficient buying power'),
  });
  expect(await system.stack.brokerOrders()).toEqual([]);
  await expectAgreement();
});

test('data that goes stale stops orders, and fresh data lets them pass again', async () => {
  await start({ simulator: { SIMULATOR_QUOTE_MS: '86400000' } });
  await system.stack.sim('POST', '/sim/v1/control', { advance_ms: 60_000 });
  await system.stack.reconciled();
  const refused = await system.place({ signal_id: await system.signal() });
  expect([refused.status, refused.body['code']]).toEqual([422, 'DATA_STALE']);
  expect(await system.stack.brokerOrders()).toEqual([]);
  await system.stack.sim('POST', '/sim/v1/control', { quote: { symbol: 'AAPL', bid: '99.99', ask: '100.01' } });
  await system.stack.until('the fresh quote', async () => {
    return (await system.scalar(`SELECT trim_scale(ask) FROM quotes WHERE symbol = 'AAPL'`)) === '100.01';
  });
  const placed = await system.place({ signal_id: await system.signal() });
  expect(placed.status).toBe(201);
  await ended(String(placed.body['order_id']), 'FILLED');
});
