import type { ExecutionContext } from '@/server/application/execution-context';
import type { NonTradeActivity } from '@/server/application/ports/broker';
import type { BookedActivity, ReconciliationStore } from '@/server/application/ports/reconciliation-store';

/** Fees come with every fill; anything else is worth a line. */
const ROUTINE = new Set(['FEE']);

/** Books activities and says what a person should know of them: above all the types that nobody has taught us. */
export async function bookNonTrades(
  { persist, fence, log }: Pick<ExecutionContext, 'persist' | 'fence' | 'log'>,
  books: Pick<ReconciliationStore, 'bookNonTrades'>,
  activities: readonly NonTradeActivity[],
): Promise<readonly BookedActivity[]> {
  if (activities.length === 0) return [];
  const booked = await persist(() => books.bookNonTrades(fence, activities));
  for (const { activityId, type, symbol, kind, note } of booked) {
    if (note !== null) log.warn({ activityId, type, symbol, kind, note }, 'an activity needs a look');
    else if (!ROUTINE.has(type)) log.info({ activityId, type, symbol, kind }, 'activity booked');
  }
  return booked;
}
