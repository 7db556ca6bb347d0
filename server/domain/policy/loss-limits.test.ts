import { describe, expect, it } from 'vitest';
import { STAGES } from './index';
import { type CauseRecord, judgeLosses, strictestState } from './loss-limits';
import { money, policyWith } from './testing/gate-fixture';

const DAY = '2026-01-05';
const figures = (equity: string) => ({ equity: money(equity), baseline: money('100000') });
const POLICY = policyWith({});
const judge = (equity: string, causes: readonly CauseRecord[] = [], stage = STAGES.M1_PAPER) =>
  judgeLosses(POLICY, stage, causes, DAY, figures(equity));

const record = (changes: Partial<CauseRecord> = {}): CauseRecord => ({
  cause: 'DRAWDOWN',
  state: 'REDUCING',
  open: true,
  tradingDay: DAY,
  untilNextSession: true,
  rearmed: false,
  ...changes,
});

describe('loss limits (P-13 to P-15)', () => {
  it('P-14: a drawdown of exactly the limit opens REDUCING, one just inside it nothing', () => {
    expect(judge('97000.000000000001')).toEqual([]);
    expect(judge('97000')).toEqual([
      {
        kind: 'open',
        cause: 'DRAWDOWN',
        state: 'REDUCING',
        untilNextSession: true,
        reason: "the day's drawdown reached 0.03; the limit is 0.03",
      },
    ]);
  });

  it('P-14: a daily loss of 50 dollars in M3 opens HALTED', () => {
    expect(judge('99950.01', [], STAGES.M3_LIVE_SMALL)).toEqual([]);
    expect(judge('99950', [], STAGES.M3_LIVE_SMALL)).toMatchObject([
      { kind: 'open', cause: 'DAILY_LOSS', state: 'HALTED', untilNextSession: false },
    ]);
  });

  it('P-14: from M2 on only a release ends a drawdown stop, unless the policy says otherwise', () => {
    const lasts = (drawdown_latch: 'session' | 'person' | 'from_m2' | null, stage: keyof typeof STAGES) =>
      judgeLosses(policyWith({ drawdown_latch }), STAGES[stage], [], DAY, figures('90000')).map((change) =>
        change.kind === 'open' && change.cause === 'DRAWDOWN' ? change.untilNextSession : null,
      );
    expect(lasts('from_m2', 'M0_LOCAL')).toEqual([true]);
    expect(lasts('from_m2', 'M1_PAPER')).toEqual([true]);
    expect(lasts('from_m2', 'M2_SANDBOX')).toEqual([false]);
    expect(lasts('session', 'M2_SANDBOX')).toEqual([true]);
    expect(lasts('person', 'M0_LOCAL')).toEqual([false]);
    expect(lasts(null, 'M0_LOCAL')).toEqual([]);
  });

  it('P-15: an open stop is not opened twice, and a recovery does not end it', () => {
    expect(judge('96000', [record()])).toEqual([]);
    expect(judge('100000', [record()])).toEqual([]);
  });

  it('P-15: after a release the limit counts again once the loss has been inside it', () => {
    const released = record({ open: false });
    expect(judge('96000', [released])).toEqual([]);
    expect(judge('99000', [released])).toEqual([{ kind: 'rearm', cause: 'DRAWDOWN' }]);
    expect(judge('96000', [record({ open: false, rearmed: true })])).toMatchObject([{ kind: 'open' }]);
  });

  it('P-14: the next session ends a stop that lasts until it, and re-arms a released one', () => {
    const next = (each: CauseRecord, equity: string | null) =>
      judgeLosses(POLICY, STAGES.M1_PAPER, [each], '2026-01-06', equity === null ? null : figures(equity)).map(
        ({ kind }) => kind,
      );
    expect(next(record(), null)).toEqual(['end', 'rearm']);
    expect(next(record({ untilNextSession: false }), null)).toEqual([]);
    expect(next(record({ open: false }), null)).toEqual(['rearm']);
    expect(next(record(), '96000')).toEqual(['end', 'rearm', 'open']);
  });

  it('judges no loss without a baseline', () => {
    expect(judgeLosses(POLICY, STAGES.M1_PAPER, [], DAY, { equity: -1n, baseline: 0n })).toEqual([]);
  });
});

it('P-14: the trading state is the strictest of the open causes', () => {
  const halted = record({ cause: 'PERSON', state: 'HALTED' });
  expect(strictestState([])).toBe('ACTIVE');
  expect(strictestState([record()])).toBe('REDUCING');
  expect(strictestState([record(), halted])).toBe('HALTED');
  expect(strictestState([record(), { ...halted, open: false }])).toBe('REDUCING');
});
