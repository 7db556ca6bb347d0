import { readFacts } from '@/server/adapters/postgres/orders/send-guard';
import type { Fence } from '@/server/application/ports/lease';
import { judgeSend } from '@/server/application/sending/judge-send';
import type { ModelDatabase } from './database';
import type { ModelBroker } from './model-broker';

interface Live {
  readonly id: string;
  readonly external_order_id: string | null;
  readonly symbol: string;
  readonly words: string;
}

const NO_CAPS = { notional: null, qty: null };

const LIVE = `
  SELECT id, external_order_id, symbol,
    concat_ws(' ', kind, side, trim_scale(qty), symbol, status, 'pending ' || pending, CASE WHEN claimed_at IS NOT NULL THEN 'claimed' END,
      CASE WHEN cancel_requested THEN 'cancel asked for, sent ' || cancel_attempts || ' times' END, cancel_fault, array_to_string(flags, ' ')) AS words
  FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') OR cancel_requested ORDER BY created_at, id`;

/** Each order that is not at its end: what it is here and at the broker, and what the sender says of one that was not sent. */
export async function waitingOrders(database: ModelDatabase, broker: ModelBroker, fence: Fence): Promise<string> {
  const { rows } = await database.witness.query<Live>(LIVE);
  const lines: string[] = [];
  for (const { id, external_order_id, words } of rows) {
    const held = external_order_id === null ? broker.book.byClientId(id) : broker.book.byId(external_order_id);
    const client = await database.witness.connect();
    const facts = await readFacts(client, id, fence).finally(() => client.release());
    const verdict =
      facts.orderStatus === 'NEW' ? `; judged: ${Object.values(judgeSend(facts, NO_CAPS)).join(', ')}` : '';
    lines.push(`  ${id} ${words}; at the broker: ${held?.status ?? 'unknown'}${verdict}`);
  }
  return lines.join('\n');
}
