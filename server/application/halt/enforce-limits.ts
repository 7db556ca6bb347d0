import type { ExecutionContext } from '@/server/application/execution-context';
import type { DayState, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { judgeLosses, STAGES } from '@/server/domain/policy';
import type { Money } from '@/server/kernel/money';

export type LimitBooks = Pick<ReconciliationStore, 'changeCauses' | 'cancelOpening'>;

/**
 * Ends a good round: the loss limits that the day's figures reach stop trading (P-14), and orders that open risk are cancelled where
 * trading is not ACTIVE or a break was found twice (P-16).
 * @param equity by the broker, with cash as our ledger has it, so that money which moved without an explanation is a cash break and
 * no loss (P-13); null while cash is not settled
 */
export async function enforceLimits(
  { persist, fence, log }: Pick<ExecutionContext, 'persist' | 'fence' | 'log'>,
  books: LimitBooks,
  { policy, stage, causes, baseline, cancelsOpening }: DayState,
  tradingDay: string,
  equity: Money | null,
): Promise<void> {
  const figures = equity === null ? null : { equity, baseline };
  const changes = judgeLosses(policy, STAGES[stage], causes, tradingDay, figures);
  if (changes.length > 0) {
    await persist(() => books.changeCauses(fence, changes));
    for (const change of changes) if (change.kind === 'open') log.error({ ...change }, 'a loss limit was reached');
  }
  if (!cancelsOpening && !changes.some(({ kind }) => kind === 'open')) return;
  for (const cancelled of await persist(() => books.cancelOpening(fence)))
    log.warn({ ...cancelled }, 'an order that opens risk is being cancelled');
}
