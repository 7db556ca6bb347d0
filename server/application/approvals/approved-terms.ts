import type { OrderRequest } from '@/server/contracts/order';
import { DecimalError, formatUnits, parseUnits } from '@/server/kernel/money';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';

/** What an approver takes off an order. Decimal text; what is not stated stays as shown. */
export interface ReducedTerms {
  readonly qty?: string | undefined;
  readonly limitPrice?: string | undefined;
}

function invalid(field: 'qty' | 'limitPrice', message: string): Refusal {
  return refuse('INVALID', `${field}: ${message}`, { fields: [{ field, message }] });
}

/** Null for text that is not a positive decimal. */
function positive(text: string): bigint | null {
  try {
    const value = parseUnits(text);
    return value > 0n ? value : null;
  } catch (error) {
    if (error instanceof DecimalError) return null;
    throw error;
  }
}

function reducedLimit(shown: OrderRequest, text: string): Outcome<{ limitPrice: string }> {
  if (shown.limit_price === undefined) return invalid('limitPrice', 'the order has no limit');
  const limit = positive(text);
  if (limit === null) return invalid('limitPrice', 'must be a positive decimal number');
  const bound = parseUnits(shown.limit_price);
  const looser = shown.side === 'BUY' ? limit > bound : limit < bound;
  return looser
    ? invalid('limitPrice', `may not be looser than ${shown.limit_price}`)
    : { ok: true, limitPrice: formatUnits(limit) };
}

/**
 * The terms that are approved: the order as shown, or less of it. Nothing ever grows: the quantity may only fall, and the limit
 * may only become tighter.
 * @returns `reduced` is false when the terms equal those shown; INVALID with `fields` when they are not less
 */
export function approvedTerms(
  shown: OrderRequest,
  less: ReducedTerms,
): Outcome<{ terms: OrderRequest; reduced: boolean }> {
  let terms = shown;
  if (less.qty !== undefined) {
    const qty = positive(less.qty);
    if (qty === null) return invalid('qty', 'must be a positive decimal number');
    if (qty > parseUnits(shown.qty)) return invalid('qty', `may not be more than ${shown.qty}`);
    terms = { ...terms, qty: formatUnits(qty) };
  }
  if (less.limitPrice !== undefined) {
    const limit = reducedLimit(shown, less.limitPrice);
    if (!limit.ok) return limit;
    terms = { ...terms, limit_price: limit.limitPrice };
  }
  return { ok: true, terms, reduced: terms.qty !== shown.qty || terms.limit_price !== shown.limit_price };
}
