import type { ReasoningStore, Spending } from '@/server/application/ports/reasoning-store';
import type { BudgetLimits, TokenPrice } from '@/server/domain/reasoning/budget';

export const NO_LIMITS: BudgetLimits = {
  tokensPerDay: null,
  dollarsPerDay: null,
  tokensPerSignal: null,
  dollarsPerSignal: null,
};

/** A budget in memory; its day never ends. */
export class MemoryReasoningStore implements ReasoningStore {
  limits: BudgetLimits = NO_LIMITS;
  price: TokenPrice | null = null;
  used: Spending = { tokens: 0, dollars: 0n };
  readonly memos = new Map<string, { signalId: string; memo: unknown }>();
  /** Set: every call fails with it. */
  failure: Error | null = null;

  private check(): void {
    if (this.failure !== null) throw this.failure;
  }

  async terms() {
    this.check();
    return { limits: this.limits, price: this.price };
  }

  async reserve(most: Spending) {
    this.check();
    const { tokensPerDay, dollarsPerDay } = this.limits;
    const tokens = this.used.tokens + most.tokens;
    const dollars = this.used.dollars + most.dollars;
    if ((tokensPerDay !== null && tokens > tokensPerDay) || (dollarsPerDay !== null && dollars > dollarsPerDay))
      return { ok: false as const, reason: `the day's budget is used up` };
    this.used = { tokens, dollars };
    return { ok: true as const, reservation: { ...most, day: '2026-01-05' } };
  }

  async settle(reserved: Spending, used: Spending) {
    this.check();
    this.used = {
      tokens: this.used.tokens - reserved.tokens + used.tokens,
      dollars: this.used.dollars - reserved.dollars + used.dollars,
    };
  }

  async memoOf(inputHash: string) {
    this.check();
    return this.memos.get(inputHash) ?? null;
  }
}
