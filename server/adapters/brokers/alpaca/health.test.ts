import { beforeEach, describe, expect, test } from 'vitest';
import { BrokerError } from '@/server/application/ports/broker';
import { BrokerHealthMonitor, routeOf } from './health';

let nowMs = 0;
let monitor: BrokerHealthMonitor;

beforeEach(() => {
  nowMs = 1_000_000;
  monitor = new BrokerHealthMonitor(() => nowMs);
});

const look = () => monitor.snapshot({ breaker: 'CLOSED', tokensLeft: null, requestsUsed: 0, requestsPerMinute: 0 });
const refused = (status: number, message: string) => new BrokerError('refused', message, { status });
const noAnswer = (status = 0) => new BrokerError('uncertain', 'no answer within 5000 ms', { status });
const account = (blockedBy: string[]) => ({
  accountId: 'a',
  cash: 0n,
  equity: 0n,
  buyingPower: 0n,
  lastEquity: 0n,
  tradingBlocked: blockedBy.length > 0,
  blockedBy,
});

test('one call without an answer is noise, the second is a state, and any answer ends it', () => {
  monitor.failed('GET /v2/clock', noAnswer());
  expect(look().state).toBe('OK');
  monitor.failed('GET /v2/account', noAnswer(502));
  expect(look()).toMatchObject({ state: 'UNREACHABLE', detail: expect.stringContaining('answers 502') });
  monitor.failed('POST /v2/orders', refused(422, 'no'));
  expect(look().state).toBe('OK');
});

describe('keys', () => {
  test.each([
    [401, 'request is not authorized'],
    [401, 'unauthorized.'],
    [403, 'forbidden.'],
  ])('%i %s says that they are refused, whatever was asked', (status, message) => {
    monitor.failed('POST /v2/orders', refused(status, message));
    expect(look()).toMatchObject({ state: 'KEYS_REFUSED', detail: expect.stringContaining('BROKER_SECRET_KEY') });
    nowMs += 120_000;
    expect(look().state).toBe('KEYS_REFUSED');
    monitor.answered('GET /v2/account');
    expect(look().state).toBe('OK');
  });

  test('a 403 about one order, beside good answers, is not about them', () => {
    monitor.answered('GET /v2/account');
    monitor.failed('POST /v2/orders', refused(403, 'forbidden.'));
    expect(look().state).toBe('OK');
    nowMs += 10_000;
    monitor.failed('POST /v2/orders', refused(403, 'forbidden.'));
    expect(look().state).toBe('KEYS_REFUSED');
  });

  test('a 403 with another word is not about them', () => {
    monitor.failed('POST /v2/orders', refused(403, 'insufficient buying power'));
    expect(look().state).toBe('OK');
    monitor.failed('GET /v2/positions', refused(403, 'not permitted'));
    expect(look().state).toBe('FORBIDDEN');
  });
});

test('what cannot be read is a fault of its page until that page is good again, or has not failed for 30 s', () => {
  monitor.failed('GET /v2/positions', noAnswer(200));
  monitor.answered('GET /v2/account');
  expect(look()).toMatchObject({ state: 'UNREADABLE', detail: expect.stringContaining('GET /v2/positions') });
  monitor.answered('GET /v2/positions');
  expect(look().state).toBe('OK');
  monitor.failed('POST /v2/orders', noAnswer(200));
  nowMs += 30_001;
  expect(look().state).toBe('OK');
});

test('the worst is reported, with the time since it began', () => {
  monitor.failed('GET /v2/clock', new BrokerError('rate_limited', 'slow', { status: 429 }));
  expect(look().state).toBe('RATE_LIMITED');
  nowMs += 5_000;
  monitor.account(account(['account_blocked']));
  expect(look()).toMatchObject({ state: 'ACCOUNT_BLOCKED', sinceMs: nowMs });
  nowMs += 120_000;
  expect(look().state).toBe('ACCOUNT_BLOCKED');
  monitor.account(account([]));
  expect(look()).toMatchObject({ state: 'OK', detail: '', sinceMs: nowMs });
});

test('what we held back ourselves says nothing of the broker', () => {
  for (let n = 0; n < 5; n++) monitor.failed('GET /v2/clock', new BrokerError('not_sent', 'held back'));
  monitor.failed('GET /v2/clock', new BrokerError('rate_limited', 'no room', { retryAfterMs: 5 }));
  expect(look().state).toBe('OK');
});

test('a stream that is away counts after five seconds; one that nobody wants never', () => {
  nowMs += 60_000;
  expect(look()).toMatchObject({ state: 'OK', stream: 'OFF' });
  monitor.streamIs('CONNECTED');
  monitor.streamIs('DISCONNECTED', 'silent: no answer to a ping for 5 s');
  nowMs += 4_999;
  expect(look().state).toBe('OK');
  monitor.streamIs('DISCONNECTED', 'silent: no answer to a ping for 5 s');
  nowMs += 1;
  expect(look()).toMatchObject({ state: 'SILENT_STREAM', detail: expect.stringContaining('no answer to a ping') });
  monitor.streamIs('CONNECTED');
  expect(look().state).toBe('OK');
});

test('a route has no ids in it', () => {
  expect(routeOf('GET', '/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d')).toBe('GET /v2/orders/{id}');
  expect(routeOf('DELETE', '/v2/orders/b1')).toBe('DELETE /v2/orders/{id}');
  expect(routeOf('GET', '/v2/orders:by_client_order_id')).toBe('GET /v2/orders:by_client_order_id');
});
