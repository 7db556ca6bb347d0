import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError, type NonTradeActivity } from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { formatMoney } from '@/server/kernel/money';

/** A statement may date what it shows days back: what it shows now is in the balances, and is never booked again. */
const STATEMENT_LAG_MS = 8 * 86_400_000;
/** The simulator dates to the millisecond. */
const SIMULATOR_LAG_MS = 60_000;

type InitialBalancesBooks = Pick<ReconciliationStore, 'proposeInitialBalances' | 'bookInitialBalances'>;

/** Cash and holdings that belong together. @throws BrokerError when something traded between the looks */
async function readBalances({ broker }: ExecutionContext) {
  const [before, clock] = [await broker.account(), await broker.clock()];
  const positions = await broker.positions();
  const account = await broker.account();
  if (account.cash !== before.cash)
    throw new BrokerError('uncertain', 'the account changed while its opening balances were read');
  return { account, positions, atMs: clock.marketTimeMs };
}

/**
 * The first connection: what the account holds is taken as opening balances. Where a person must sign (`signedBy` null) they
 * are proposed, and booked once somebody has signed for exactly what the broker still shows.
 * @throws BrokerError while nobody has: nothing trades before
 */
export async function bookInitialBalances(
  context: ExecutionContext,
  books: InitialBalancesBooks,
  signedBy: string | null,
): Promise<void> {
  const { broker, persist, log } = context;
  const { account, positions, atMs } = await readBalances(context);
  const seen = { account, positions, environment: signedBy === null ? null : ('SIM' as const) };
  const proposal = signedBy === null ? await persist(() => books.proposeInitialBalances(seen)) : { id: '', signedBy };
  const signer = proposal.signedBy;
  if (signer === null) {
    throw new BrokerError(
      'refused',
      `a person must sign for this account's opening balances before anything trades: countersign account sign ${proposal.id}`,
    );
  }
  const lagMs = signedBy === null ? STATEMENT_LAG_MS : SIMULATOR_LAG_MS;
  const statement = await broker.activitiesAfter(Math.max(0, atMs - lagMs));
  const known = statement.filter((each): each is NonTradeActivity => each.kind === 'NON_TRADE' && each.atMs <= atMs);
  await persist(() => books.bookInitialBalances({ ...seen, signedBy: signer, atMs, known }));
  log.info(
    { account: account.accountId, cash: formatMoney(account.cash), positions: positions.length, signedBy: signer },
    'opening balances booked',
  );
}
