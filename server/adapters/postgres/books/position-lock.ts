import type { PoolClient } from 'pg';
import { EMPTY_LEDGER, type Ledger } from '@/server/domain/position/ledger';
import type { Position } from '@/server/domain/position/position';
import { parseMoney, parseUnits } from '@/server/kernel/money';

/** With a symbol's name: the lock of its position. The booking of fills takes it too. */
const POSITION_LOCK = 7_300_003;

/** Positions of the symbols, their names locked in one order so that two bookings never cross. */
export async function lockPositions(client: PoolClient, symbols: readonly string[]): Promise<Ledger> {
  if (symbols.length === 0) return EMPTY_LEDGER;
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtextextended(s, ${POSITION_LOCK})) FROM unnest($1::text[]) WITH ORDINALITY AS t(s, n) ORDER BY n`,
    [[...symbols].sort()],
  );
  const { rows } = await client.query<{ symbol: string; qty: string; cost: string; realised: string }>(
    'SELECT symbol, qty::text, cost::text, realised_pnl::text AS realised FROM positions WHERE symbol = ANY ($1::text[]) ORDER BY symbol FOR UPDATE',
    [symbols],
  );
  const held = rows.map(({ symbol, qty, cost, realised }): [string, Position] => [
    symbol,
    { symbol, qty: parseUnits(qty), cost: parseMoney(cost), realised: parseMoney(realised) },
  ]);
  return { ...EMPTY_LEDGER, positions: new Map(held) };
}
