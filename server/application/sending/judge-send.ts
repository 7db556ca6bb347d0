import type { SendFacts, SendVerdict } from '@/server/application/ports/execution-store';
import { CLOCK_MAX_AGE_MS, isRecent } from '@/server/domain/market/market-clock';
import { venueRefusal } from './stage-venue';

const never = (why: string): SendVerdict => ({ kind: 'never', why });
const wait = (why: string): SendVerdict => ({ kind: 'wait', why });

function judgeTradingState({ tradingState, kind, positionEffect }: SendFacts): SendVerdict | null {
  if (kind === 'FLATTEN' || tradingState === 'ACTIVE') return null;
  if (tradingState === 'HALTED') return never('trading is halted');
  return positionEffect === 'REDUCE' ? null : never('trading is reducing: nothing that opens risk is sent');
}

/**
 * The last judgement before an order leaves, from facts read after the send lock was had. A flatten rests on its exit alone: it
 * passes over breaks, the clock and reconciliation. Nothing else of the symbol is sent while an exit is open. Waiting ends when
 * the decision expires.
 */
export function judgeSend(facts: SendFacts): SendVerdict {
  if (facts.cancelRequested) return never('cancelled before it was sent');
  const byState = judgeTradingState(facts);
  if (byState !== null) return byState;
  if (facts.expired) return never('the decision expired before the order could be sent');
  if (facts.kind === 'FLATTEN') return facts.exitOpen ? { kind: 'go' } : never('its exit has ended');
  if (facts.exitOpen) return never('the position is being closed');
  // The stage may have been changed since the worker started and since the order was approved.
  const forbidden = facts.environment === null ? null : venueRefusal(facts.stage, facts.environment);
  if (forbidden !== null) return never(forbidden);
  if (facts.breakOpen) return never('a reconciliation break on the symbol or on cash is unresolved');
  if (facts.symbolUncertain) return wait('another order of the symbol is uncertain');
  if (!isRecent(facts.clockAgeMs, CLOCK_MAX_AGE_MS)) return wait("the broker's clock has not been read recently");
  if (!isRecent(facts.reconciledAgeMs, facts.portfolioMaxAgeMs)) return wait('there is no recent reconciliation');
  return facts.marketOpen ? { kind: 'go' } : never('the market is closed');
}
