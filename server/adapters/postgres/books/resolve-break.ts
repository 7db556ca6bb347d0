import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { entriesJson, LEDGER_SQL } from '@/server/adapters/postgres/orders/booking-write';
import type { ShownFigures } from '@/server/application/commands';
import type { Acceptance, BreakResolution } from '@/server/application/ports/books-store';
import { acceptedCashEntry, acceptedPositionEntry } from '@/server/domain/position/accepted';
import type { Entry } from '@/server/domain/position/ledger';
import type { Actor } from '@/server/kernel/actor';
import { formatMoney, formatUnits, type Money, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import { lockPositions } from './position-lock';

/** The broker's figures are good for this long after the round that read them. */
const READING_MAX_AGE = '60 seconds';

interface BreakFigures {
  readonly symbol: string;
  readonly cause: string;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
  readonly fresh: boolean;
}

const text = (figures: Readonly<Record<string, unknown>>, name: string): string | null => {
  const value = figures[name];
  return typeof value === 'string' ? value : null;
};

async function ledgerCash(client: PoolClient): Promise<{ ours: Money; theirs: Money }> {
  const { rows } = await client.query<{ ours: string; theirs: string }>(
    `SELECT (SELECT coalesce(sum(amount), 0) FROM ledger_postings WHERE account = 'CASH')::text AS ours, cash::text AS theirs FROM accounts WHERE id = 1`,
  );
  return { ours: parseMoney(rows[0]?.ours ?? '0'), theirs: parseMoney(rows[0]?.theirs ?? '0') };
}

async function writeEntry(client: PoolClient, entry: Entry): Promise<void> {
  await client.query(`WITH ${LEDGER_SQL('$1')} SELECT 1`, [entriesJson([entry], Date.now())]);
}

interface Held {
  readonly qty: Units;
  readonly cost: Money;
}

async function acceptPosition(
  client: PoolClient,
  id: string,
  row: BreakFigures,
  held: Held,
  their: Units,
): Promise<void> {
  const theirCost = text(row.theirs, 'cost');
  const target = { qty: their, cost: theirCost === null ? null : parseMoney(theirCost) };
  const entry = acceptedPositionEntry(`accept:${id}`, row.symbol, held, target);
  await writeEntry(client, entry);
  const moved = entry.postings.filter(({ account }) => account === 'POSITION');
  await client.query(
    `INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES ($1, $2::numeric, $3::numeric, $2::numeric, clock_timestamp())
     ON CONFLICT (symbol) DO UPDATE SET qty = positions.qty + $4::numeric, cost = positions.cost + $5::numeric, updated_at = excluded.updated_at,
       opened_at = CASE WHEN positions.qty = 0 THEN now() ELSE positions.opened_at END`,
    [
      row.symbol,
      formatUnits(their),
      formatMoney(moved.reduce((sum, { amount }) => sum + amount, held.cost)),
      formatUnits(moved.reduce((sum, { qty }) => sum + qty, 0n)),
      formatMoney(moved.reduce((sum, { amount }) => sum + amount, 0n)),
    ],
  );
}

async function settlePosition(client: PoolClient, id: string, row: BreakFigures, accept: boolean) {
  const ledger = await lockPositions(client, [row.symbol]);
  const held = ledger.positions.get(row.symbol) ?? { qty: 0n, cost: 0n };
  const shown = text(row.ours, 'qty');
  const their = text(row.theirs, 'qty');
  if (their === null || held.qty === parseUnits(their)) return 'RESOLVED';
  if (!accept) return 'DIFFERS';
  if (!row.fresh) return 'STALE';
  // Ours moved: the broker's figure is from before, or will move too.
  if (shown === null || parseUnits(shown) !== held.qty) return 'MOVED';
  await acceptPosition(client, id, row, held, parseUnits(their));
  return 'RESOLVED';
}

async function settleCash(client: PoolClient, id: string, row: BreakFigures, accept: boolean) {
  const { ours, theirs } = await ledgerCash(client);
  if (ours === theirs) return 'RESOLVED';
  if (!accept) return 'DIFFERS';
  if (!row.fresh) return 'STALE';
  // Both sides go on trading while cash differs: what was shown, and is taken over, is the difference.
  const shown = text(row.theirs, 'difference');
  if (shown === null) return 'MOVED';
  await writeEntry(client, acceptedCashEntry(`accept:${id}`, parseMoney(shown)));
  return 'RESOLVED';
}

/** What is booked when it is accepted. */
function bookable(cause: string, { ours, theirs }: ShownFigures): string {
  const figures = cause === 'CASH_MISMATCH' ? [theirs['difference']] : [ours['qty'], theirs['qty'], theirs['cost']];
  return JSON.stringify(figures);
}

async function settle(client: PoolClient, id: string, row: BreakFigures, accept: boolean): Promise<BreakResolution> {
  if (row.cause === 'POSITION_MISMATCH') return settlePosition(client, id, row, accept);
  if (row.cause === 'CASH_MISMATCH') return settleCash(client, id, row, accept);
  return accept ? 'NOT_ACCEPTABLE' : 'RESOLVED';
}

/** Closes a break for a person, booking the broker's figures where they were accepted. The audit comes last. */
export async function resolveBreak(
  client: PoolClient,
  id: string,
  actor: Actor,
  reason: string,
  accept: Acceptance | null,
): Promise<BreakResolution> {
  const { rows } = await client.query<BreakFigures>(
    `SELECT b.symbol, b.cause, b.ours, b.theirs,
            coalesce(a.failed_rounds = 0 AND a.reconciled_at > clock_timestamp() - interval '${READING_MAX_AGE}', false) AS fresh
     FROM breaks b, accounts a WHERE b.id = $1 AND b.resolved_at IS NULL FOR UPDATE OF b`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return 'NOT_FOUND';
  const shown = accept?.shown ?? null;
  if (shown !== null && bookable(row.cause, shown) !== bookable(row.cause, row)) return 'MOVED';
  const settled = await settle(client, id, row, accept !== null);
  if (settled !== 'RESOLVED') return settled;
  const why = accept !== null ? `${reason} (the broker's figures were accepted)` : reason;
  await client.query('SELECT break_resolve($1, $2, $3, $4, $5)', [
    id,
    actor.name,
    why,
    actor.correlationId,
    randomUUID(),
  ]);
  return 'RESOLVED';
}
