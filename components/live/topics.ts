/** A tRPC path: `['orders', 'list']`, or a whole router. */
export type QueryPath = readonly string[];

const STATUS: QueryPath = ['system', 'status'];
const OVERVIEW: QueryPath = ['system', 'overview'];

/** What the first word of a topic makes stale. Words not named here touch nothing that is shown. */
const STALE_BY_WORD: Readonly<Record<string, readonly QueryPath[]>> = {
  order: [['orders'], OVERVIEW, ['signals'], ['portfolio', 'get'], STATUS],
  approval: [['approvals'], OVERVIEW, STATUS, ['signals'], ['orders', 'get']],
  policy: [['policy', 'decisions'], ['signals'], OVERVIEW, ['approvals']],
  signal: [['signals'], OVERVIEW],
  trading: [STATUS, ['trading'], OVERVIEW],
  break: [STATUS, OVERVIEW, ['reconciliation'], ['portfolio', 'get']],
  account: [['portfolio'], STATUS, ['reconciliation']],
  alert: [STATUS, ['system', 'alerts']],
  broker: [STATUS, ['system', 'detail']],
  drill: [['trading'], STATUS],
  opening: [STATUS, ['reconciliation']],
  tieout: [['reconciliation']],
  portfolio: [['portfolio'], STATUS, OVERVIEW],
  position: [['portfolio'], STATUS, OVERVIEW],
  strategy: [['strategies']],
  market: [STATUS, ['events'], ['market']],
  settings: [STATUS, ['policy', 'active']],
  worker: [STATUS, ['system', 'detail']],
};

/** Queries that an event of this topic makes stale. Quotes come by their own stream. */
export function staleQueries(topic: string): readonly QueryPath[] {
  if (topic === 'market.quote.updated') return [];
  if (topic === 'market.bar.closed') return [['market']];
  return STALE_BY_WORD[topic.split('.')[0] ?? ''] ?? [];
}
