import { z } from 'zod';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { MemoContext } from '@/server/domain/reasoning/memo-data';
import { parseMoney, parseUnits, type Units } from '@/server/kernel/money';

/** Events that start later than this do not matter for a trade today. */
const EVENTS_AHEAD = '7 days';

/** The market and the account at this moment, in one statement. $1 is the signal's symbol. */
export const CONTEXT = {
  name: 'memo_context',
  text: `SELECT jsonb_build_object(
    'clock', (SELECT jsonb_build_object('open', is_open, 'now', epoch_ms(m.now), 'next_close', epoch_ms(next_close))
                FROM market_clock, LATERAL (SELECT market_time + (clock_timestamp() - observed_at) * speed AS now) m),
    'quote', (SELECT jsonb_build_object('bid', bid::text, 'ask', ask::text, 'at', epoch_ms(quoted_at)) FROM quotes WHERE symbol = $1),
    'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'title', e.title, 'starts', epoch_ms(e.starts_at)) ORDER BY e.starts_at, e.id), '[]')
                 FROM (SELECT e.* FROM market_events e,
                         (SELECT market_time + (clock_timestamp() - observed_at) * speed AS now FROM market_clock) m
                        WHERE e.removed_at IS NULL AND (e.symbol IS NULL OR e.symbol = $1)
                          AND e.ends_at > m.now AND e.starts_at < m.now + interval '${EVENTS_AHEAD}' ORDER BY e.starts_at LIMIT 10) e),
    'account', (SELECT jsonb_build_object('equity', equity::text, 'last_equity', last_equity::text, 'cash', cash::text) FROM accounts WHERE id = 1),
    'positions', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', p.symbol, 'qty', p.qty::text, 'cost', p.cost::text,
                   'price', coalesce(p.market_price, (q.bid + q.ask) / 2)::text)), '[]')
                   FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.qty <> 0),
    'working', (SELECT coalesce(jsonb_agg(symbol), '[]') FROM orders WHERE status IN ${LIVE}),
    'allowlist', (SELECT coalesce(v.body->'allowlist', '[]') FROM settings s JOIN policy_versions v ON v.version = s.active_policy_version)
  ) AS context`,
};

const rawSchema = z.object({
  clock: z.object({ open: z.boolean(), now: z.number(), next_close: z.number().nullable() }).nullable(),
  quote: z.object({ bid: z.string(), ask: z.string(), at: z.number() }).nullable(),
  events: z.array(z.object({ kind: z.string(), title: z.string(), starts: z.number() })),
  account: z.object({ equity: z.string(), last_equity: z.string(), cash: z.string() }),
  positions: z.array(z.object({ symbol: z.string(), qty: z.string(), cost: z.string(), price: z.string().nullable() })),
  working: z.array(z.string()),
  allowlist: z.array(z.string()).nullable(),
});

const absolute = (value: bigint) => (value < 0n ? -value : value);

/** A price averaged by the database may have more decimals than money has: they are cut. */
const price = (text: string): Units => parseUnits(text.replace(/(\.\d{12})\d+$/, '$1'));

/** @throws ZodError, DecimalError when the database holds something else */
export function toMemoContext(value: unknown, symbol: string): MemoContext {
  const { clock, quote, events, account, positions, working, allowlist } = rawSchema.parse(value);
  const held = positions.map((position) => ({
    symbol: position.symbol,
    qty: parseUnits(position.qty),
    cost: parseMoney(position.cost),
    value: position.price === null ? parseMoney(position.cost) : parseUnits(position.qty) * price(position.price),
  }));
  const own = held.find((position) => position.symbol === symbol);
  return {
    market: {
      open: clock?.open ?? null,
      msToClose: clock === null || clock.next_close === null ? null : clock.next_close - clock.now,
      quote:
        quote === null || clock === null
          ? null
          : { bid: parseUnits(quote.bid), ask: parseUnits(quote.ask), ageMs: clock.now - quote.at },
      events: events.map(({ kind, title, starts }) => ({ kind, title, startsMs: starts })),
    },
    portfolio: {
      equity: parseMoney(account.equity),
      previousCloseEquity: parseMoney(account.last_equity),
      cash: parseMoney(account.cash),
      grossExposure: held.reduce((sum, position) => sum + absolute(position.value), 0n),
      positions: held.length,
      workingOrders: working.length,
      position: own === undefined ? null : { qty: own.qty, value: own.value, cost: own.cost },
    },
    symbols: [...new Set([...(allowlist ?? []), ...held.map((position) => position.symbol), ...working])].sort(),
  };
}
