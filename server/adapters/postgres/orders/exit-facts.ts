import { LIVE } from '@/server/adapters/postgres/sets';

/** What the broker holds counts for the automatic close before the end of the session, also where our books say less. */
const HELD = `CASE WHEN o.strategy = 'close-at-bell' THEN greatest(p.qty, p.broker_qty) ELSE p.qty END`;

/** The facts that `exitHold` of the domain judges, as boolean SQL expressions about an order `o`. */
export const EXIT_FACTS = {
  symbolUncertain: `EXISTS (SELECT 1 FROM orders u WHERE u.symbol = o.symbol AND u.id <> o.id AND 'SUBMIT_UNCERTAIN' = ANY (u.flags))`,
  held: `EXISTS (SELECT 1 FROM positions p WHERE p.symbol = o.symbol AND ${HELD} >= o.qty)`,
  coversOtherSells: `EXISTS (SELECT 1 FROM positions p WHERE p.symbol = o.symbol AND ${HELD} >= o.qty + (
      SELECT coalesce(sum(greatest(w.qty - w.cum_qty, 0)), 0) FROM orders w WHERE w.symbol = o.symbol AND w.id <> o.id AND w.side = 'SELL'
        AND w.status IN ${LIVE}))`,
} as const;
