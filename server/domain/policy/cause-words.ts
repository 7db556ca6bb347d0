import type { TradingCause } from '@/server/kernel/vocabulary';

/** What each cause of the trading state is called, for people. */
export const TRADING_CAUSE_LABEL: Readonly<Record<TradingCause, string>> = {
  PERSON: 'Stopped by a person',
  DRAWDOWN: 'Daily drawdown limit',
  DAILY_LOSS: 'Daily loss limit',
  OVERFILL: 'Overfilled order',
  BREAK_GLASS: 'Stopped at the broker (break-glass)',
};

/** What ends a cause (P-14). A release ends every cause that is open at that moment. */
export function describeCauseEnd(untilNextSession: boolean): string {
  if (!untilNextSession) return 'Ended by a release';
  return "Ended by a release, or by the next session's open after a good reconciliation round";
}
