import type { Rig } from '../harness/rig';
import { until, WaitError } from '../harness/wait';

const LIMIT_MS = 45_000;

const sorted = (pairs: readonly (readonly [string, number])[]) =>
  JSON.stringify(pairs.filter(([, qty]) => qty !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether both sides hold the same now: a look of its own, cheaper than the oracle. */
async function agrees(rig: Rig): Promise<boolean> {
  const state = await rig.sim<{ cash: string; positions: Record<string, string> }>('GET', '/sim/v1/state');
  const cash = await rig.value(`SELECT sum(amount)::text FROM ledger_postings WHERE account = 'CASH'`);
  const { rows } = await rig.pool.query<{ symbol: string; qty: string }>('SELECT symbol, qty::text FROM positions');
  const ours = sorted(rows.map(({ symbol, qty }) => [symbol, Number(qty)]));
  const theirs = sorted(Object.entries(state.positions).map(([symbol, qty]) => [symbol, Number(qty)]));
  return Number(cash) === Number(state.cash) && ours === theirs;
}

const OPEN_QUESTIONS = `orders WHERE status = 'NEW' OR pending <> 'NONE' OR 'SUBMIT_UNCERTAIN' = ANY (flags)`;

const UNHEARD = `outbox o WHERE NOT EXISTS (SELECT 1 FROM fault_effects f WHERE f.event_id = o.id)`;

/**
 * Waits until nothing is under way any more: no order without its answer, both sides equal, everything published, and a
 * reconciliation that began to look after all that. What has not come to rest by then is for the oracle to name.
 */
export async function quiet(rig: Rig, limitMs = LIMIT_MS): Promise<void> {
  const still = async () =>
    (await rig.count(OPEN_QUESTIONS)) === 0 && (await rig.count(UNHEARD)) === 0 && (await agrees(rig));
  try {
    await until('everything to come to rest', still, limitMs);
    await rig.reconciled(limitMs);
    await until('everything to come to rest again', still, limitMs);
  } catch (error) {
    if (!(error instanceof WaitError)) throw error;
  }
}
