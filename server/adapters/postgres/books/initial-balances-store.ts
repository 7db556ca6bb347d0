import { createHash, randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { openAlert, resolveAlert } from '@/server/adapters/postgres/ops/alert-store';
import { entriesJson, LEDGER_SQL } from '@/server/adapters/postgres/orders/booking-write';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { activityRef } from '@/server/application/booking/activity-plan';
import type {
  InitialBalances,
  ReconciliationStore,
  SeenBalances,
} from '@/server/application/ports/reconciliation-store';
import { type Entry, initialBalancesEntry } from '@/server/domain/position/ledger';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { formatMoney, formatUnits } from '@/server/kernel/money';

/** Serialises proposals and the booking of one. */
const OPENING_LOCK = 7_300_006;

interface Shown {
  readonly balances: {
    readonly cash: string;
    readonly equity: string;
    readonly positions: readonly { symbol: string; qty: string; cost: string }[];
  };
  /** SHA-256 of the account, its cash and its holdings. Equity moves with the market and is only shown. */
  readonly hash: string;
}

const holdingsOf = ({ positions }: SeenBalances) =>
  positions
    .map(({ symbol, qty, cost }) => ({ symbol, qty, cost: qty < 0n ? -cost : cost }))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));

function shown(seen: SeenBalances): Shown {
  const { account } = seen;
  const positions = holdingsOf(seen).map(({ symbol, qty, cost }) => ({
    symbol,
    qty: formatUnits(qty),
    cost: formatMoney(cost),
  }));
  const cash = formatMoney(account.cash);
  const hash = createHash('sha256')
    .update(canonicalJson({ account: account.accountId, cash, positions }))
    .digest('hex');
  return { balances: { cash, equity: formatMoney(account.equity), positions }, hash };
}

const WITHDRAW = `
  WITH withdrawn AS (
    UPDATE account_openings SET withdrawn_at = clock_timestamp() WHERE broker_account_id = $1 AND booked_at IS NULL AND withdrawn_at IS NULL RETURNING id)
  SELECT count(*) AS withdrawn FROM withdrawn`;

const INSERT = `
  WITH proposed AS (
    INSERT INTO account_openings (id, broker_account_id, environment, balances, shown_hash, proposed_at, signed_by, signed_at, booked_at)
    VALUES ($1, $2, coalesce($3, (SELECT environment FROM market_clock), 'PAPER'), $4::jsonb, $5, clock_timestamp(), $6::text,
            CASE WHEN $6::text IS NULL THEN NULL ELSE clock_timestamp() END, CASE WHEN $6::text IS NULL THEN NULL ELSE clock_timestamp() END)
    RETURNING id)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'account.opening.proposed', $2, jsonb_build_object('opening_id', id) FROM proposed WHERE $6::text IS NULL`;

async function insert(client: PoolClient, id: string, seen: SeenBalances, what: Shown, signedBy: string | null) {
  const { accountId } = seen.account;
  await client.query(INSERT, [id, accountId, seen.environment, JSON.stringify(what.balances), what.hash, signedBy]);
}

async function propose(client: PoolClient, seen: SeenBalances, what: Shown): Promise<string> {
  const { accountId } = seen.account;
  const id = randomUUID();
  const { rows } = await client.query<{ withdrawn: string }>(WITHDRAW, [accountId]);
  await insert(client, id, seen, what, null);
  const again = rows[0]?.withdrawn === '0' ? '' : ' They changed since they were last proposed.';
  const message = `A person must sign for the opening balances of account ${accountId}: nothing trades before.${again}`;
  await openAlert(client, 'OPENING', accountId, message, { opening_id: id });
  return id;
}

const OPEN_ACCOUNT = `
  WITH opened AS (
    UPDATE accounts SET broker_account_id = $1, opened_by = $2, activity_cursor = $3, cash = $4::numeric, equity = $5::numeric, last_equity = $5::numeric, close_equity = $5::numeric, close_at = $6::timestamptz
    WHERE id = 1 AND broker_account_id IS NULL RETURNING id),
  held AS (
    INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at)
    SELECT p.symbol, p.qty, p.cost, p.qty, clock_timestamp() FROM opened, jsonb_to_recordset($7::jsonb) AS p(symbol text, qty numeric, cost numeric)
    ON CONFLICT (symbol) DO UPDATE SET qty = excluded.qty, cost = excluded.cost, broker_qty = excluded.broker_qty),
  ${LEDGER_SQL('$8')}
  SELECT id FROM opened`;

/** The opening itself, and an empty entry for each activity that is in it: it is never booked again. */
function initialBalancesEntries({ account, known, ...rest }: InitialBalances): readonly Entry[] {
  const entry = initialBalancesEntry(account.cash, holdingsOf({ account, ...rest }), `opening:${account.accountId}`);
  const refs = [...new Set(known.map(activityRef))];
  return [entry, ...refs.map((ref): Entry => ({ kind: 'OPENING', ref, postings: [] }))];
}

async function book(client: PoolClient, opening: InitialBalances): Promise<void> {
  const { account, signedBy, atMs } = opening;
  const what = shown(opening);
  const free = await client.query('SELECT 1 FROM accounts WHERE id = 1 AND broker_account_id IS NULL FOR UPDATE');
  if (free.rowCount !== 1) throw new Error('the account was opened meanwhile');
  await client.query(OPEN_ACCOUNT, [
    account.accountId,
    signedBy,
    String(atMs),
    formatMoney(account.cash),
    formatMoney(account.equity),
    new Date(atMs).toISOString(),
    JSON.stringify(what.balances.positions),
    entriesJson(initialBalancesEntries(opening), atMs),
  ]);
  const marked = await client.query(
    'UPDATE account_openings SET booked_at = clock_timestamp() WHERE broker_account_id = $1 AND shown_hash = $2 AND signed_by = $3 AND booked_at IS NULL AND withdrawn_at IS NULL',
    [account.accountId, what.hash, signedBy],
  );
  if (marked.rowCount === 0) await insert(client, randomUUID(), opening, what, signedBy);
  await resolveAlert(client, 'OPENING', account.accountId);
  await client.query('SELECT audit_append($1, $2, $3, NULL, $4, NULL)', [
    signedBy,
    'account.open',
    `account:${account.accountId}`,
    JSON.stringify({ ...what.balances, shown_hash: what.hash }),
  ]);
}

/** Opening balances: proposed, signed for by a person, booked once. */
export function createInitialBalancesStore(
  pool: Pool,
): Pick<ReconciliationStore, 'proposeInitialBalances' | 'bookInitialBalances'> {
  const locked = <T>(work: (client: PoolClient) => Promise<T>) =>
    inTransaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [OPENING_LOCK]);
      return work(client);
    });
  return {
    proposeInitialBalances: (seen) =>
      locked(async (client) => {
        const what = shown(seen);
        const { rows } = await client.query<{ id: string; shown_hash: string; signed_by: string | null }>(
          'SELECT id, shown_hash, signed_by FROM account_openings WHERE broker_account_id = $1 AND booked_at IS NULL AND withdrawn_at IS NULL',
          [seen.account.accountId],
        );
        const standing = rows[0];
        if (standing?.shown_hash === what.hash) return { id: standing.id, signedBy: standing.signed_by };
        return { id: await propose(client, seen, what), signedBy: null };
      }),
    bookInitialBalances: (opening) => locked((client) => book(client, opening)),
  };
}
