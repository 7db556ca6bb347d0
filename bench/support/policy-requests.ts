import type { PolicyRequest } from '@/server/contracts/policy';

const SYMBOLS = ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'];

/** Bodies of `POST /v1/policy/evaluate` with the fields that the specification's example has: two thirds approved, the rest reviewed or rejected by one rule or two. */
export function policyRequests(count: number): PolicyRequest[] {
  return Array.from({ length: count }, (_, n) => ({
    signal_id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    symbol: SYMBOLS[n % SYMBOLS.length] ?? 'SPY',
    candidate_action: n % 2 === 0 ? ('BUY' as const) : ('SELL' as const),
    confidence: n % 6 === 1 ? 0.55 : 0.71,
    size_pct: 0.02,
    market_context: {
      data_age_seconds: n % 9 === 2 ? 31 : 12,
      market_open: n % 12 !== 5,
      event_blackout_active: false,
    },
    portfolio_context: { gross_exposure_pct: 0.25, daily_drawdown_pct: 0.01 },
  }));
}
