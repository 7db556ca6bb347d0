import { formatPrice } from '@/components/format/number';
import type { OrderType } from '@/server/kernel/vocabulary';

interface Terms {
  readonly orderType: OrderType;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
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
