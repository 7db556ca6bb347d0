import { formatUnits, type Units } from '@/server/kernel/money';

/** 0 allows nothing; null means no limit. */
export interface BudgetLimits {
  readonly tokensPerDay: number | null;
  readonly dollarsPerDay: Units | null;
  readonly tokensPerSignal: number | null;
  readonly dollarsPerSignal: Units | null;
}

/** Dollars per million tokens. */
export interface TokenPrice {
  readonly inputPerMillion: Units;
  readonly outputPerMillion: Units;
}

/** Maximum tokens of one call. */
export interface CallSize {
  readonly input: number;
  readonly output: number;
}

export type SignalAllowance =
  | { readonly ok: true; readonly maxInputTokens: number; readonly maxAttempts: 1 | 2 }
  | { readonly ok: false; readonly reason: string };

/** The instructions, the signal and its figures need at least this many tokens. */
export const LEAST_INPUT_TOKENS = 1_500;

const MILLION = 1_000_000n;

/** Dollars, rounded up to 12 decimals, so never less than what is charged. */
export function costOf(price: TokenPrice, inputTokens: number, outputTokens: number): Units {
  const millionth = price.inputPerMillion * BigInt(inputTokens) + price.outputPerMillion * BigInt(outputTokens);
  return (millionth + MILLION - 1n) / MILLION;
}

const noPrice = (model: string) =>
  `no price is known for the model ${model}, so limits in dollars cannot be kept: enter its price (0 for a model of your own), or lift them`;

/** Maximum input tokens per call, so that `attempts` calls together stay within the limits of a signal. */
function inputWithin(limits: BudgetLimits, price: TokenPrice | null, full: CallSize, attempts: number): number {
  const { tokensPerSignal: tokens, dollarsPerSignal: dollars } = limits;
  const byTokens = tokens === null ? full.input : Math.floor(tokens / attempts) - full.output;
  if (dollars === null || price === null) return Math.min(full.input, byTokens);
  const left = (dollars * MILLION) / BigInt(attempts) - price.outputPerMillion * BigInt(full.output);
  if (left < 0n) return -1;
  const byDollars = price.inputPerMillion === 0n ? BigInt(full.input) : left / price.inputPerMillion;
  const bounded = byDollars > BigInt(full.input) ? full.input : Number(byDollars);
  return Math.min(full.input, byTokens, bounded);
}

/**
 * Allowance of one memo under the limits per signal: two full calls, or less input, or one call without a repair. Daily limits
 * are not checked here, except that limits in dollars require a price.
 */
export function allowanceOf(
  limits: BudgetLimits,
  price: TokenPrice | null,
  model: string,
  full: CallSize,
): SignalAllowance {
  const inDollars = limits.dollarsPerDay !== null || limits.dollarsPerSignal !== null;
  if (price === null && inDollars) return { ok: false, reason: noPrice(model) };
  for (const maxAttempts of [2, 1] as const) {
    const maxInputTokens = inputWithin(limits, price, full, maxAttempts);
    if (maxInputTokens >= LEAST_INPUT_TOKENS) return { ok: true, maxInputTokens, maxAttempts };
  }
  const { tokensPerSignal, dollarsPerSignal } = limits;
  const named = [
    ...(tokensPerSignal === null ? [] : [`${tokensPerSignal} tokens`]),
    ...(dollarsPerSignal === null ? [] : [`${formatUnits(dollarsPerSignal)} dollars`]),
  ];
  return { ok: false, reason: `the limit for a signal (${named.join(', ')}) leaves no room for a memo` };
}
