import type { Pool, PoolClient } from 'pg';
import { CHANGED_POSITION, entriesJson, LEDGER_SQL } from '@/server/adapters/postgres/orders/booking-write';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import {
  ActivityPlan,
  activityRef,
  type BookedEntry,
  type DatedEntry,
  type KnownEntries,
  refsOf,
} from '@/server/application/booking/activity-plan';
import type { NonTradeActivity } from '@/server/application/ports/broker';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import {
  type AccountName,
  EMPTY_LEDGER,
  type EntryKind,
  type Ledger,
  type Posting,
} from '@/server/domain/position/ledger';
import { formatMoney, formatUnits, type Money, parseMoney, parseUnits } from '@/server/kernel/money';
import { baselineSql } from './baseline';
import { lockPositions } from './position-lock';

/** Serialises those who book the same activities. */
const ACTIVITY_LOCK = 7_300_004;
async function lock(client: PoolClient, fence: Fence): Promise<void> {
  const held = await client.query(
    `SELECT pg_advisory_xact_lock(${ACTIVITY_LOCK}) FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()`,
    [fence.name, fence.token],
  );
  if (held.rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
}

const ACCOUNTS: Readonly<Record<string, AccountName>> = {
  CASH: 'CASH',
  POSITION: 'POSITION',
  FEES: 'FEES',
  REALISED_PNL: 'REALISED_PNL',
  CAPITAL: 'CAPITAL',
  INCOME: 'INCOME',
  ADJUSTMENTS: 'ADJUSTMENTS',
};

interface PostingRow {
  readonly ref: string;
  readonly kind: EntryKind;
  readonly account: string | null;
  readonly qty: string | null;
  readonly amount: string | null;
}

function toPosting({ account, qty, amount }: PostingRow): Posting | null {
  if (account === null) return null;
  const [name = '', symbol = null] = account.split(/:(.*)/s);
  const known = ACCOUNTS[name];
  if (known === undefined) throw new Error(`the ledger has an account "${account}" that nobody knows`);
  return { account: known, symbol, qty: parseUnits(qty ?? '0'), amount: parseMoney(amount ?? '0') };
}

async function readKnown(client: PoolClient, refs: readonly string[]): Promise<KnownEntries> {
  const { rows } = await client.query<PostingRow>(
    `SELECT e.ref, e.kind, p.account, p.qty::text AS qty, p.amount::text AS amount
     FROM ledger_entries e LEFT JOIN ledger_postings p ON p.entry_id = e.id WHERE e.ref = ANY ($1::text[])`,
    [refs],
  );
  const known = new Map<string, BookedEntry>();
  for (const row of rows) {
    const line = toPosting(row);
    const before = known.get(row.ref)?.postings ?? [];
    known.set(row.ref, { kind: row.kind, postings: line === null ? before : [...before, line] });
  }
  return known;
}

const WRITE = `
  WITH ${LEDGER_SQL('$1')},
  held AS (
    INSERT INTO positions (symbol, qty, cost, realised_pnl, opened_at, updated_at)
    SELECT p.symbol, p.qty, p.cost, p.realised, now(), clock_timestamp()
    FROM jsonb_to_recordset($2::jsonb) AS p(symbol text, qty numeric, cost numeric, realised numeric)
    ON CONFLICT (symbol) DO UPDATE SET ${CHANGED_POSITION}),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'account.activity.booked', t->>'activity_id', t FROM jsonb_array_elements($3::jsonb) t),
  day AS (
    INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
    SELECT coalesce(a.trading_day, to_char(clock_timestamp() AT TIME ZONE 'America/New_York', 'YYYY-MM-DD')), a.last_equity, a.equity, 0, $4::numeric, clock_timestamp()
    FROM accounts a WHERE $4::numeric <> 0
    ON CONFLICT (trading_day) DO UPDATE SET fees = pnl_history.fees + excluded.fees, updated_at = excluded.updated_at)
  SELECT 1`;

/** Capital that moved is no profit and no loss: the day is measured from the baseline that includes it (A2). */
const REBASE = `
  WITH rebased AS (
    UPDATE accounts SET last_equity = ${baselineSql('close_equity', 'close_at')} WHERE id = 1 AND close_equity IS NOT NULL
    RETURNING trading_day, last_equity, equity)
  INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
  SELECT trading_day, last_equity, equity, 0, 0, clock_timestamp() FROM rebased WHERE trading_day IS NOT NULL
  ON CONFLICT (trading_day) DO UPDATE SET open_equity = excluded.open_equity, updated_at = excluded.updated_at`;

const sumOf = (entries: readonly DatedEntry[], account: AccountName): Money =>
  entries
    .flatMap(({ entry }) => entry.postings)
    .reduce((sum, each) => (each.account === account ? sum + each.amount : sum), 0n);

/** Entries of different times, as one array for one statement. */
const datedJson = (entries: readonly DatedEntry[]): string =>
  `[${entries.map(({ entry, atMs }) => entriesJson([entry], atMs).slice(1, -1)).join(',')}]`;

function positionsJson(before: Ledger, after: Ledger['positions']): string {
  const changed = [...after.values()].filter((each) => before.positions.get(each.symbol) !== each);
  return JSON.stringify(
    changed.map(({ symbol, qty, cost, realised }) => ({
      symbol,
      qty: formatUnits(qty),
      cost: formatMoney(cost),
      realised: formatMoney(realised),
    })),
  );
}

async function bookAll(client: PoolClient, activities: readonly NonTradeActivity[]): Promise<ActivityPlan> {
  const known = await readKnown(client, refsOf(activities));
  const touched = [...known.values()].flatMap(({ postings }) => postings.map(({ symbol }) => symbol));
  const symbols = new Set([...activities.map(({ symbol }) => symbol), ...touched]);
  const news = activities.some((each) => each.status !== 'EXECUTED' || !known.has(activityRef(each)));
  const ledger = news
    ? await lockPositions(
        client,
        [...symbols].filter((each) => each !== null),
      )
    : EMPTY_LEDGER;
  const plan = new ActivityPlan(ledger, known);
  if (news) plan.add(activities);
  if (plan.entries.length === 0) return plan;
  const fees = sumOf(plan.entries, 'FEES');
  const booked = plan.booked.map(({ activityId, type, symbol, kind, note }) => ({
    activity_id: activityId,
    type,
    symbol,
    kind,
    note,
  }));
  await client.query(WRITE, [
    datedJson(plan.entries),
    positionsJson(ledger, plan.positions),
    JSON.stringify(booked),
    formatMoney(fees),
  ]);
  if (sumOf(plan.entries, 'CAPITAL') !== 0n) await client.query(REBASE);
  return plan;
}

/** Books what the account's statement says of cash and shares that moved without a trade. */
export function createActivityStore(pool: Pool): Pick<ReconciliationStore, 'bookNonTrades'> {
  return {
    async bookNonTrades(fence, activities) {
      if (activities.length === 0) return [];
      return inTransaction(pool, async (client) => {
        await lock(client, fence);
        return (await bookAll(client, activities)).booked;
      });
    },
  };
}
