import type { ExitHold } from '@/server/kernel/vocabulary';

/** What decides whether an exit may be sent: asked before it leaves, and shown in the blotter. */
export interface ExitFacts {
  /** It is unknown whether another order of the symbol reached the broker. */
  readonly symbolUncertain: boolean;
  /** At least the exit's quantity is held. */
  readonly held: boolean;
  /** What is held covers the exit and every other sell of the symbol that may still fill. */
  readonly coversOtherSells: boolean;
}

/**
 * Why an exit that was not sent yet is held back; null when nothing holds it. An exit of more than is held does not wait: it is never
 * sent.
 */
export function exitHold({ symbolUncertain, held, coversOtherSells }: ExitFacts): ExitHold | null {
  if (symbolUncertain) return 'UNCERTAIN_ORDER';
  return held && !coversOtherSells ? 'OTHER_SELL' : null;
}
