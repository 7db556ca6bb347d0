import { describe, expect, it } from 'vitest';
import { orderListQuerySchema } from '@/server/contracts/order';
import { emailSchema, SCOPES, SCOPES_OF_ROLE } from './access';
import { approvalListQuerySchema } from './approvals';
import { problemSchema } from './problem';
import { generateSignalRequestSchema, signalCandidateSchema } from './signals';
import { changeTradingStateSchema } from './trading-state';

describe('a change of the trading state', () => {
  it('needs an action and a reason, one line of at most 500 characters, trimmed', () => {
    expect(changeTradingStateSchema.parse({ action: 'halt', reason: '  drill ' })).toEqual({
      action: 'halt',
      reason: 'drill',
    });
    for (const reason of ['', '   ', 'x'.repeat(501), 'two\nlines', 'bell\u0007', 'right\u202eto left', undefined]) {
      expect(changeTradingStateSchema.safeParse({ action: 'halt', reason }).success).toBe(false);
    }
    expect(changeTradingStateSchema.safeParse({ action: 'flatten', reason: 'x' }).success).toBe(false);
    expect(changeTradingStateSchema.safeParse({ action: 'halt', reason: 'x', force: true }).success).toBe(false);
  });
});

describe('a signal on demand', () => {
  it('is asked for by symbol, of the fake strategy unless stated', () => {
    expect(generateSignalRequestSchema.parse({ symbol: 'aapl' })).toEqual({ symbol: 'AAPL', strategy: 'fake' });
    expect(generateSignalRequestSchema.safeParse({ symbol: 'AAPL', strategy: 'no-such' }).success).toBe(false);
    expect(generateSignalRequestSchema.safeParse({}).success).toBe(false);
  });

  it('is the output of the specification', () => {
    const example = {
      signal_id: '00000000-0000-4000-8000-000000000000',
      symbol: 'AAPL',
      candidate_action: 'BUY',
      confidence: 0.71,
      size_pct: 0.02,
      model_version: 'v0.1',
    };
    expect(signalCandidateSchema.parse(example)).toEqual(example);
  });
});

describe('list queries', () => {
  it('have 100 rows unless stated, and at most 500', () => {
    expect(orderListQuerySchema.parse({})).toEqual({ limit: 100 });
    expect(orderListQuerySchema.parse({ limit: '500', status: 'CANCEL_PENDING', symbol: 'spy' })).toEqual({
      limit: 500,
      status: 'CANCEL_PENDING',
      symbol: 'SPY',
    });
    for (const limit of ['0', '501', '-1', '1.5', 'many', '1e9', 'NaN'])
      expect(orderListQuerySchema.safeParse({ limit }).success).toBe(false);
    expect(orderListQuerySchema.safeParse({ staus: 'FILLED' }).success).toBe(false);
    expect(approvalListQuerySchema.safeParse({ status: 'OPEN' }).success).toBe(false);
  });
});

describe('access', () => {
  it('reads e-mails in small letters', () => {
    expect(emailSchema.parse(' Maria@Example.COM ')).toBe('maria@example.com');
    for (const text of ['maria', 'maria@', `${'x'.repeat(250)}@a.io`, ''])
      expect(emailSchema.safeParse(text).success).toBe(false);
  });

  it('gives viewers no scope that changes anything in the market', () => {
    expect(SCOPES_OF_ROLE.VIEWER.filter((scope) => scope.endsWith(':write'))).toEqual([]);
    expect(SCOPES_OF_ROLE.ADMIN).toEqual(SCOPES);
  });
});

it('a problem keeps what an answer adds to it', () => {
  const problem = {
    type: 'urn:x',
    title: 't',
    status: 403,
    detail: 'd',
    code: 'FORBIDDEN',
    missing_scope: 'orders:read',
  };
  expect(problemSchema.parse(problem)).toEqual(problem);
});
