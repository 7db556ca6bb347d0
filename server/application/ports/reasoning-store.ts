import type { ModelPrice, ReasoningLimits, ReasoningSettings } from '@/server/contracts/reasoning';
import type { BudgetLimits, TokenPrice } from '@/server/domain/reasoning/budget';
import type { Actor } from '@/server/kernel/actor';
import type { Units } from '@/server/kernel/money';

export interface Spending {
  readonly tokens: number;
  /** 0 where the price is not known. */
  readonly dollars: Units;
}

/** A reservation on a day's budget; the difference to what was really used is given back. */
export interface Reservation extends Spending {
  /** `2026-01-05`. */
  readonly day: string;
}

export type Reserved =
  | { readonly ok: true; readonly reservation: Reservation }
  /** One line for people. */
  | { readonly ok: false; readonly reason: string };

/** The budget, the prices and the memos that may serve again. */
export interface ReasoningStore {
  /** The limits and, for this model, the price; null where none is known. */
  terms(model: string): Promise<{ readonly limits: BudgetLimits; readonly price: TokenPrice | null }>;
  /** Takes from the day's budget if all of it fits: callers at once, in any number of processes, cannot overshoot. */
  reserve(most: Spending): Promise<Reserved>;
  /** Books what was used instead of what was reserved. */
  settle(reservation: Reservation, used: Spending): Promise<void>;
  /** The newest memo for the same input that is at most `maxAgeMs` old. */
  memoOf(inputHash: string, maxAgeMs: number): Promise<{ readonly signalId: string; readonly memo: unknown } | null>;
}

/** What an administrator sees and sets. Changes are audited with before and after. */
export interface ReasoningSettingsStore {
  read(): Promise<ReasoningSettings>;
  setLimits(actor: Actor, limits: ReasoningLimits): Promise<void>;
  setPrice(actor: Actor, price: ModelPrice): Promise<void>;
  /** False when there was none. */
  removePrice(actor: Actor, model: string): Promise<boolean>;
}
