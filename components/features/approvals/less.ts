import type { Approval } from '@/components/trpc/types';
import { DecimalError, parseUnits } from '@/server/kernel/money';

/** What an approver takes off an order; what is not named stays as proposed. */
export interface Less {
  readonly qty?: string;
  readonly limitPrice?: string;
}

interface LessInput {
  readonly qty: string;
  /** Empty where the order has no limit. */
  readonly limitPrice: string;
}

type LessProblems = { readonly [Field in keyof LessInput]?: string };

function positive(text: string): bigint | null {
  try {
    const value = parseUnits(text.trim());
    return value > 0n ? value : null;
  } catch (error) {
    if (error instanceof DecimalError) return null;
    throw error;
  }
}

const POSITIVE = 'Enter a number above 0.';

/**
 * The terms to approve from what was typed: the quantity may only fall and the limit only become tighter. The server checks
 * the same again.
 * @returns `less` is null where the terms are those proposed, or a field has a problem
 */
export function readLess(
  { side, qty, limitPrice }: Pick<Approval, 'side' | 'qty' | 'limitPrice'>,
  input: LessInput,
): { readonly less: Less | null; readonly problems: LessProblems } {
  const problems: { -readonly [Field in keyof LessInput]?: string } = {};
  const less: { -readonly [Field in keyof Less]: Less[Field] } = {};
  const [shares, most] = [positive(input.qty), parseUnits(qty)];
  if (shares === null) problems.qty = POSITIVE;
  else if (shares > most) problems.qty = `At most ${qty}.`;
  else if (shares < most) less.qty = input.qty.trim();
  if (limitPrice !== null) {
    const [limit, bound] = [positive(input.limitPrice), parseUnits(limitPrice)];
    if (limit === null) problems.limitPrice = POSITIVE;
    else if (side === 'BUY' ? limit > bound : limit < bound)
      problems.limitPrice = side === 'BUY' ? `At most ${limitPrice}.` : `At least ${limitPrice}.`;
    else if (limit !== bound) less.limitPrice = input.limitPrice.trim();
  }
  const isLess = Object.keys(problems).length === 0 && Object.keys(less).length > 0;
  return { less: isLess ? less : null, problems };
}
