import { ReasonerError } from '@/server/application/ports/reasoner';
import type { ReasoningStore, Reservation, Spending } from '@/server/application/ports/reasoning-store';
import { allowanceOf, costOf, type TokenPrice } from '@/server/domain/reasoning/budget';
import { formatUnits } from '@/server/kernel/money';
import type { Attempt } from './answer';
import type { HardLimit } from './hard-limit';
import { type Allowance, MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS } from './reason';

export type Account =
  | {
      readonly ok: true;
      readonly allowance: Allowance;
      /** Books the usage and releases the rest of the reservation in the background. @returns dollars as text, null without a price */
      book(attempts: readonly Attempt[]): string | null;
    }
  | {
      readonly ok: false;
      readonly status: 'FAILED' | 'DISABLED';
      readonly cause: 'BUDGET' | 'DEFECT';
      readonly reason: string;
    };

const FULL_CALL = { input: MAX_INPUT_TOKENS, output: MAX_OUTPUT_TOKENS };
const NOTHING: Spending = { tokens: 0, dollars: 0n };

/** Cost of the tokens; 0 where the price is unknown. */
function spendingOf(price: TokenPrice | null, input: number, output: number): Spending {
  return { tokens: input + output, dollars: price === null ? 0n : costOf(price, input, output) };
}

/** Reserves the maximum that a memo may use before the call, then books the actual usage. */
export function openLedger(store: ReasoningStore, model: string, onFault?: (what: string, error?: unknown) => void) {
  const booking = new Set<Promise<void>>();

  /** If booking fails, the full reservation stays: too much is counted, never too little. */
  function settle(reservation: Reservation, used: Spending): void {
    const work: Promise<void> = store
      .settle(reservation, used)
      .catch((error: unknown) => onFault?.('what a memo cost could not be booked', error))
      .finally(() => booking.delete(work));
    booking.add(work);
  }

  async function reserve(most: Spending, limit: HardLimit) {
    const asked = store.reserve(most);
    try {
      return await limit.within(asked);
    } catch (error) {
      // A reservation that arrives too late is released.
      asked.then(
        (late) => late.ok && settle(late.reservation, NOTHING),
        () => undefined,
      );
      throw error;
    }
  }

  async function openWithin(limit: HardLimit): Promise<Account> {
    const { limits, price } = await limit.within(store.terms(model));
    const granted = allowanceOf(limits, price, model, FULL_CALL);
    if (!granted.ok) return { ok: false, status: 'DISABLED', cause: 'BUDGET', reason: `BUDGET: ${granted.reason}` };
    const { maxInputTokens, maxAttempts } = granted;
    const most = spendingOf(price, maxAttempts * maxInputTokens, maxAttempts * MAX_OUTPUT_TOKENS);
    const reserved = await reserve(most, limit);
    if (!reserved.ok) return { ok: false, status: 'DISABLED', cause: 'BUDGET', reason: `BUDGET: ${reserved.reason}` };
    return {
      ok: true,
      allowance: { maxInputTokens, maxAttempts },
      book(attempts) {
        const sum = (key: 'inputTokens' | 'outputTokens') => attempts.reduce((total, each) => total + each[key], 0);
        const used = spendingOf(price, sum('inputTokens'), sum('outputTokens'));
        settle(reserved.reservation, used);
        return price === null && used.tokens > 0 ? null : formatUnits(used.dollars);
      },
    };
  }

  return {
    /** @throws ReasonerError at the time limit */
    async open(limit: HardLimit): Promise<Account> {
      try {
        return await openWithin(limit);
      } catch (error) {
        if (error instanceof ReasonerError) throw error;
        onFault?.('the budget of reasoning could not be read', error);
        const reason = 'DEFECT: the budget could not be read, so nothing was asked';
        return { ok: false, status: 'FAILED', cause: 'DEFECT', reason };
      }
    },
    /** Resolves when everything is booked. */
    async settled(): Promise<void> {
      while (booking.size > 0) await Promise.all(booking);
    },
  };
}
