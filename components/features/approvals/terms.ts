import { formatPrice } from '@/components/format/number';
import type { OrderType } from '@/server/kernel/vocabulary';

interface Terms {
  readonly orderType: OrderType;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
}

/** How the price is set, in words: `at the market`, `limit 101.50`, `stop 99.00`. */
export function priceTerms(terms: Terms): string {
  switch (terms.orderType) {
    case 'MARKET':
      return 'at the market';
    case 'LIMIT':
      return `limit ${formatPrice(terms.limitPrice)}`;
    case 'STOP':
      return `stop ${formatPrice(terms.stopPrice)}`;
  }
}
