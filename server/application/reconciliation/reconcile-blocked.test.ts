import { expect, test } from 'vitest';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { mayTrade } from './reconcile';

const persist = <T>(work: () => Promise<T>): Promise<T> => work();
const HALT = {
  id: 'h',
  acknowledged: true,
  verified: true,
  sinceAcknowledgedMs: 0,
  endedHolders: 0,
  progress: {},
};

/** Whether a round of this account counts. */
async function counts(blockedBy: readonly string[], halted: boolean): Promise<boolean> {
  const books: Pick<ReconciliationStore, 'halt'> = { halt: async () => (halted ? HALT : null) };
  const account = { tradingBlocked: blockedBy.length > 0, blockedBy };
  return mayTrade({ persist }, books, account).then(
    () => true,
    () => false,
  );
}

test.each<[string, readonly string[], boolean, boolean]>([
  ['an account that may trade', [], false, true],
  ['one that the broker has blocked', ['trading_blocked'], false, false],
  ['one that is suspended while we would trade', ['trade_suspended_by_user'], false, false],
  ['one that is suspended while we are halted, as break-glass leaves it', ['trade_suspended_by_user'], true, true],
])('%s', async (_name, blockedBy, halted, clean) => {
  expect(await counts(blockedBy, halted)).toBe(clean);
});
