import { formatPrice } from '@/components/format/number';
import { formatMoney, parseUnits } from '@/server/kernel/money';
import type { OrderType } from '@/server/kernel/vocabulary';

interface Terms {
  readonly orderType: OrderType;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
}

/** Dollars that the order loses where its stop fills at its price. */
export function riskOf(
  { qty, protectiveStopPrice }: { readonly qty: string; readonly protectiveStopPrice: string | null },
  referencePrice: string,
): string | null {
  if (protectiveStopPrice === null) return null;
  return formatMoney(parseUnits(qty) * (parseUnits(referencePrice) - parseUnits(protectiveStopPrice)));
}

/** The order type with its prices: `Market`, `Limit 101.50`, `Stop 99.00`, `Stop 99.00, limit 98.50`. */
export function priceTerms(terms: Terms): string {
  switch (terms.orderType) {
    case 'MARKET':
      return 'Market';
    case 'LIMIT':
      return `Limit ${formatPrice(terms.limitPrice)}`;
    case 'STOP':
      return `Stop ${formatPrice(terms.stopPrice)}`;
    case 'STOP_LIMIT':
      return `Stop ${formatPrice(terms.stopPrice)}, limit ${formatPrice(terms.limitPrice)}`;
    case 'TRAILING_STOP':
      return 'Trailing stop';
  }
}
