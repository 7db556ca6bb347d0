import type { ExecutionContext } from '@/server/application/execution-context';
import { type BrokerOrder, type UnreadableItem, UnreadableItemError } from '@/server/application/ports/broker';

/** An order that the broker was expected to list and did not. */
export interface LookUp {
  readonly externalOrderId: string;
  /** A conclusion was drawn from an earlier look-up: its break is open. It can wait its turn. */
  readonly concluded: boolean;
}

export interface LookedUp {
  /** By the broker's order id; null: asked for singly, and the broker has none. */
  readonly found: ReadonlyMap<string, BrokerOrder | null>;
  /** Orders that the broker has and that cannot be read, by its order id: nothing is concluded of them. */
  readonly unreadable: ReadonlyMap<string, UnreadableItem>;
  /** Not asked for yet, and nothing concluded of them: this round does not know enough. */
  readonly unasked: number;
}

/** More than this many are looked for in the broker's list of ended orders first. */
const FEW = 3;
/** Ended orders come 500 a page: each page is worth asking for when it may spare this many single requests. */
const WORTH_A_PAGE = 10;
const MAX_PAGES = 10;
/** Single requests a round. */
const MAX_SINGLY = 50;
/** Of these, for orders whose break is open already. */
const MAX_CONCLUDED = 5;

/** The newest ended orders, page by page, as long as that spares single requests. */
async function fromPages(context: ExecutionContext, wanted: readonly LookUp[]): Promise<Map<string, BrokerOrder>> {
  if (wanted.length <= FEW) return new Map();
  const ids = new Set(wanted.map(({ externalOrderId }) => externalOrderId));
  const pages = Math.min(MAX_PAGES, Math.ceil(wanted.length / WORTH_A_PAGE));
  const ended = await context.broker.endedOrders(ids, pages);
  return new Map(ended.map((order) => [order.externalOrderId, order]));
}

/** Those that nothing was concluded of come first; the others take turns, by the clock. */
function chosen(missing: readonly LookUp[], nowMs: number): { singly: readonly LookUp[]; unasked: number } {
  const fresh = missing.filter(({ concluded }) => !concluded);
  const known = missing.filter(({ concluded }) => concluded);
  const first = fresh.slice(0, MAX_SINGLY);
  const from = known.length === 0 ? 0 : Math.floor(nowMs / 1_000) % known.length;
  const turn = [...known.slice(from), ...known.slice(0, from)].slice(0, MAX_CONCLUDED);
  return { singly: [...first, ...turn], unasked: fresh.length - first.length };
}

/**
 * Asks for orders before anything is concluded of them: many of them in pages of ended orders, and singly whatever no page
 * showed. Requests are bounded a round; who is left is asked for in the next.
 * @throws BrokerError when a query was not answered
 */
export async function lookUp(context: ExecutionContext, wanted: readonly LookUp[]): Promise<LookedUp> {
  const found = new Map<string, BrokerOrder | null>(await fromPages(context, wanted));
  const missing = wanted.filter(({ externalOrderId }) => !found.has(externalOrderId));
  const { singly, unasked } = chosen(missing, context.clock.nowMs());
  const unreadable = new Map<string, UnreadableItem>();
  for (const { externalOrderId } of singly) {
    try {
      found.set(externalOrderId, await context.broker.orderById(externalOrderId));
    } catch (error) {
      if (!(error instanceof UnreadableItemError)) throw error;
      unreadable.set(externalOrderId, error.item);
    }
  }
  return { found, unreadable, unasked };
}
