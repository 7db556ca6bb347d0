import { Engine } from 'json-rules-engine';
import type { PolicyRequest } from '@/server/contracts/policy';
import { DEFAULT_POLICY_BODY as POLICY } from '@/server/domain/policy';

const condition = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });

/** The policy's rules on stated inputs, in a widely used rules engine: what they would cost without a core of one's own. */
export function createRulesEngine(): (request: PolicyRequest) => Promise<string> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  const add = (code: string, tier: string, fact: string, operator: string, value: unknown) =>
    engine.addRule({ conditions: condition(fact, operator, value), event: { type: tier, params: { code } } });
  add('MARKET_CLOSED', 'REJECT', 'market_open', 'equal', false);
  add('DATA_STALE', 'REJECT', 'data_age_seconds', 'greaterThan', POLICY.max_data_age_seconds);
  add('SYMBOL_NOT_ALLOWED', 'REJECT', 'symbol', 'notIn', POLICY.allowlist);
  add('DAILY_DRAWDOWN_LIMIT', 'REJECT', 'daily_drawdown_pct', 'greaterThanInclusive', POLICY.max_daily_drawdown_pct);
  add('EVENT_BLACKOUT', 'REJECT', 'event_blackout_active', 'equal', true);
  add('LIQUIDITY_LOW', 'REJECT', 'liquidity_score', 'lessThan', POLICY.min_liquidity_score);
  add('TRADING_HALTED', 'REJECT', 'trading_state', 'equal', 'HALTED');
  add('TRADING_REDUCING', 'REJECT', 'trading_state', 'equal', 'REDUCING');
  add('GROSS_EXPOSURE_LIMIT', 'REJECT', 'gross_exposure_pct', 'greaterThanInclusive', POLICY.max_gross_exposure_pct);
  add('CONFIDENCE_LOW', 'REVIEW', 'confidence', 'lessThan', POLICY.min_confidence);
  add('REASONING_CAUTION', 'REVIEW', 'recommendation', 'in', ['ALLOW_WITH_CAUTION', 'AVOID']);
  add('REASONING_FAILED', 'REVIEW', 'reasoning_status', 'equal', 'FAILED');
  add('CORRELATION_HIGH', 'REVIEW', 'correlation', 'greaterThan', POLICY.max_correlation);
  return async (request) => {
    const { symbol, confidence, reasoning } = request;
    const facts = {
      symbol,
      confidence,
      trading_state: 'ACTIVE',
      ...request.market_context,
      ...request.portfolio_context,
    };
    const { events } = await engine.run({
      ...facts,
      recommendation: reasoning?.recommendation,
      reasoning_status: reasoning?.status,
    });
    if (events.some(({ type }) => type === 'REJECT')) return 'REJECT';
    return events.length > 0 ? 'REVIEW' : 'APPROVE';
  };
}
