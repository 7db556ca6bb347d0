import type { Pool, PoolClient } from 'pg';
import { entriesJson, LEDGER_SQL } from '@/server/adapters/postgres/orders/booking-write';
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
import { newYorkDate } from '@/server/domain/calendar';
import {
  type AccountName,
  EMPTY_LEDGER,
  type EntryKind,
  type Ledger,
  type Posting,
} from '@/server/domain/position/ledger';
import { formatMoney, formatUnits, type Money, parseMoney, parseUnits } from '@/server/kernel/money';
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
    INSERT INTO positions (symbol, qty, cost, realised_pnl, updated_at)
    SELECT p.symbol, p.qty, p.cost, p.realised, clock_timestamp()
    FROM jsonb_to_recordset($2::jsonb) AS p(symbol text, qty numeric, cost numeric, realised numeric)
    ON CONFLICT (symbol) DO UPDATE SET qty = excluded.qty, cost = excluded.cost, realised_pnl = excluded.realised_pnl, updated_at = excluded.updated_at),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'account.activity.booked', t->>'activity_id', t FROM jsonb_array_elements($3::jsonb) t),
  day AS (
    INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
    SELECT coalesce(a.trading_day, to_char(clock_timestamp() AT TIME ZONE 'America/New_York', 'YYYY-MM-DD')), a.last_equity + $5::numeric, a.equity, 0, $4::numeric, clock_timestamp()
    FROM accounts a WHERE $4::numeric <> 0 OR $5::numeric <> 0
    ON CONFLICT (trading_day) DO UPDATE SET fees = pnl_history.fees + excluded.fees, open_equity = excluded.open_equity, updated_at = excluded.updated_at)
  UPDATE accounts SET last_equity = last_equity + $5::numeric WHERE id = 1 AND $5::numeric <> 0`;

const sumOf = (entries: readonly DatedEntry[], account: AccountName): Money =>
  entries
    .flatMap(({ entry }) => entry.postings)
    .reduce((sum, each) => (each.account === account ? sum + each.amount : sum), 0n);

const DAY_MS = 86_400_000;

/** The date of an activity: one that bears a date alone is stamped with its midnight in UTC. */
const dateOf = (atMs: number) => (atMs % DAY_MS === 0 ? new Date(atMs).toISOString().slice(0, 10) : newYorkDate(atMs));

/**
 * Money brought in is no profit and money taken out no loss: the day's figures are measured from where they leave it. What was
 * taken out before the day is in the broker's closing equity already: to take it off again would hide a loss of that size. What
 * was brought in counts whenever it is told of: at worst a loss looks larger.
 */
function movedToday(entries: readonly DatedEntry[], tradingDay: string | null): Money {
  return entries.reduce((sum, dated) => {
    const moved = -sumOf([dated], 'CAPITAL');
    const counts = moved > 0n || tradingDay === null || dateOf(dated.atMs) >= tradingDay;
    return counts ? sum + moved : sum;
  }, 0n);
}

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
  const { rows } = await client.query<{ trading_day: string | null }>('SELECT trading_day FROM accounts WHERE id = 1');
  const transferred = movedToday(plan.entries, rows[0]?.trading_day ?? null);
  const told = plan.told.map(({ activityId, type, symbol, kind, note }) => ({
    activity_id: activityId,
    type,
    symbol,
    kind,
    note,
  }));
  await client.query(WRITE, [
    datedJson(plan.entries),
    positionsJson(ledger, plan.positions),
    JSON.stringify(told),
    formatMoney(fees),
    formatMoney(transferred),
  ]);
  return plan;
}

/** Books what the account's statement says of cash and shares that moved without a trade. */
export function createActivityStore(pool: Pool): Pick<ReconciliationStore, 'bookNonTrades'> {
  return {
    async bookNonTrades(fence, activities) {
      if (activities.length === 0) return [];
      return inTransaction(pool, async (client) => {
        await lock(client, fence);
        return (await bookAll(client, activities)).told;
      });
    },
  };
}
