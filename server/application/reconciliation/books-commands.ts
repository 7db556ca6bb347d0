import type { Commands } from '@/server/application/commands';
import type { BooksStore, BreakResolution, OrderClosure, SignResult } from '@/server/application/ports/books-store';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';

type BooksCommands = Pick<Commands, 'resolveBreak' | 'closeUnknownOrder' | 'signInitialBalances' | 'requestTieOut'>;

const UNRESOLVED: Readonly<Record<Exclude<BreakResolution, 'RESOLVED'>, Refusal>> = {
  NOT_FOUND: refuse('NOT_FOUND', 'There is no such open break.'),
  DIFFERS: refuse('CONFLICT', 'Both sides still differ: resolve it with accept, or correct it at the broker.'),
  NOT_ACCEPTABLE: refuse('INVALID', 'Only a difference of a position or of cash has figures to accept.'),
  MOVED: refuse('CONFLICT', 'The figures moved since they were shown: look at them again.'),
  STALE: refuse(
    'UNAVAILABLE',
    "The broker's figures were not read lately: is the worker running and the broker answering?",
  ),
};

const UNCLOSED: Readonly<Record<Exclude<OrderClosure, 'CLOSED'>, Refusal>> = {
  NOT_FOUND: refuse('NOT_FOUND', 'There is no such order.'),
  NOT_LIVE: refuse('CONFLICT', 'The order has ended already.'),
  NOT_MISSING: refuse('CONFLICT', 'The broker is not known to lack this order: it is cancelled instead.'),
  NOT_LOOKED_UP: refuse(
    'UNAVAILABLE',
    'The broker was not asked again since the order was found missing: is the worker running and the broker answering?',
  ),
};

const UNSIGNED: Readonly<Record<Exclude<SignResult, 'SIGNED'>, Refusal>> = {
  NOT_FOUND: refuse('NOT_FOUND', 'There are no such opening balances, or they were withdrawn.'),
  CHANGED: refuse('SHOWN_HASH_CHANGED', 'The balances are not those that were shown: look at them again.'),
  ALREADY_SIGNED: refuse('ALREADY_DECIDED', 'These opening balances are signed for already.'),
};

/** What a person does to the account's books: breaks, opening balances, tie-outs. */
export function createBooksCommands(store: BooksStore): BooksCommands {
  return {
    async resolveBreak(actor, breakId, reason, options = {}): Promise<Outcome<{ status: 'RESOLVED' }>> {
      if (reason.trim() === '') return refuse('INVALID', 'Resolving a break needs a reason.');
      const acceptance = options.accept === true ? { shown: options.shown ?? null } : null;
      const result = await store.resolveBreak(breakId, actor, reason.trim(), acceptance);
      return result === 'RESOLVED' ? { ok: true, status: 'RESOLVED' } : UNRESOLVED[result];
    },
    async closeUnknownOrder(actor, orderId, reason): Promise<Outcome<{ status: 'CANCELLED' }>> {
      if (reason.trim() === '') return refuse('INVALID', 'Closing an order as unknown at the broker needs a reason.');
      const result = await store.closeUnknownOrder(orderId, actor, reason.trim());
      return result === 'CLOSED' ? { ok: true, status: 'CANCELLED' } : UNCLOSED[result];
    },
    async signInitialBalances(actor, openingId, shownHash): Promise<Outcome<{ status: 'SIGNED' }>> {
      const result = await store.signInitialBalances(openingId, shownHash, actor);
      return result === 'SIGNED' ? { ok: true, status: 'SIGNED' } : UNSIGNED[result];
    },
    async requestTieOut(actor): Promise<Outcome<{ tieOutId: string }>> {
      return { ok: true, tieOutId: await store.requestTieOut(actor) };
    },
  };
}
