import type { SendFacts, SendVerdict } from '@/server/application/ports/execution-store';
import { CLOCK_MAX_AGE_MS, isRecent } from '@/server/domain/market/market-clock';
import { exitHold } from '@/server/domain/order/exit-hold';
import type { ExitHold } from '@/server/kernel/vocabulary';
import { venueRefusal } from './stage-venue';

const never = (why: string): SendVerdict => ({ kind: 'never', why });
const wait = (why: string): SendVerdict => ({ kind: 'wait', why });

function judgeTradingState({ tradingState, kind, positionEffect }: SendFacts): SendVerdict | null {
  if (kind === 'FLATTEN' || tradingState === 'ACTIVE') return null;
  if (tradingState === 'HALTED') return never('trading is halted');
  return positionEffect === 'REDUCE' ? null : never('trading is reducing: nothing that opens risk is sent');
}

const HOLD_REASONS: Readonly<Record<ExitHold, string>> = {
  UNCERTAIN_ORDER: 'another order of the symbol is uncertain',
  OTHER_SELL: 'another sell of the symbol still works on what is held',
};

/**
 * An exit sells what is held exactly once: while another sell may still fill, or has filled since, it would open a short. An order
 * that was let in since, because more was bought, takes nothing from it: it is not cancelled and may work all day.
 */
function judgeFlatten({ symbolUncertain, held, coversOtherSells }: SendFacts): SendVerdict {
  const hold = exitHold({ symbolUncertain, held, coversOtherSells: coversOtherSells });
  if (hold !== null) return wait(HOLD_REASONS[hold]);
  return held ? { kind: 'go' } : never('less is held by now than it would sell: close the position again');
}

/**
 * The last judgement before an order leaves, from facts read after the send lock was had. A flatten is an audited act of a
 * person: it passes over breaks, the clock and reconciliation. Waiting ends when the decision expires.
 */
export function judgeSend(facts: SendFacts): SendVerdict {
  if (facts.cancelRequested) return never('cancelled before it was sent');
  const byState = judgeTradingState(facts);
  if (byState !== null) return byState;
  if (facts.expired) return never('the decision expired before the order could be sent');
  if (facts.kind === 'FLATTEN') return judgeFlatten(facts);
  // The stage may have been changed since the worker started and since the order was approved.
  const forbidden = facts.environment === null ? null : venueRefusal(facts.stage, facts.environment);
  if (forbidden !== null) return never(forbidden);
  if (facts.breakOpen) return never('a reconciliation break on the symbol is unresolved');
  if (facts.symbolUncertain) return wait('another order of the symbol is uncertain');
  if (!isRecent(facts.clockAgeMs, CLOCK_MAX_AGE_MS)) return wait("the broker's clock has not been read recently");
  if (!isRecent(facts.reconciledAgeMs, facts.portfolioMaxAgeMs)) return wait('there is no recent reconciliation');
  return facts.marketOpen ? { kind: 'go' } : never('the market is closed');
}
