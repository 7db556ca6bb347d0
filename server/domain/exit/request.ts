import type { Units } from '@/server/kernel/money';
import type { ExitSource } from '@/server/kernel/vocabulary';

/** What an exit is asked to close, and for how long it stands. */
export interface ExitTerms {
  readonly source: ExitSource;
  /** Shares; null for everything. */
  readonly qty: Units | null;
  /** It ends with the session or the stage. */
  readonly bounded: boolean;
}

/**
 * A second exit of a symbol is added to the running one. Everything plus something is everything; an exit that a person or a
 * signal wants does not end with the session.
 * @returns null where nothing changes
 */
export function addToExit(running: ExitTerms, added: ExitTerms): ExitTerms | null {
  const qty = running.qty === null || added.qty === null ? null : running.qty + added.qty;
  const bounded = running.bounded && added.bounded;
  if (qty === running.qty && bounded === running.bounded) return null;
  return { source: bounded === running.bounded ? running.source : added.source, qty, bounded };
}
