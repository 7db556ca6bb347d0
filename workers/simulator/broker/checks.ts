import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import { washTrade } from '@/server/domain/exchange/wash-trade';
import { formatUnits, moneyToFixed, notional, ONE, type Units } from '@/server/kernel/money';
import type { Variants } from '../variants';
import type { MarketView } from './displayed';
import { forbidden, unprocessable } from './errors';
import { CENT } from './fields';
import { isClosed, leavesOf, SIDES, type SimOrder, TYPES, toResting } from './order';
import type { OrderRequest } from './parse-order';
import type { BrokerState } from './state';

const REJECT_REASONS = {
  OPPOSITE_MARKET_OR_STOP: 'opposite side market/stop order exists',
  OPPOSITE_LIMIT_CROSSES: 'opposite side limit order exists',
  OPPOSITE_ORDER: 'opposite side limit order exists',
} as const;

type Terms = Pick<OrderRequest, 'side' | 'symbol' | 'type' | 'limitPrice' | 'orderClass'>;

/** What account and market have to say of an order whose fields are in range. Each check throws an ApiError. */
export class Checks {
  constructor(
    private readonly state: BrokerState,
    private readonly market: MarketView,
    private readonly options: { readonly fees: FeeSchedule; readonly variants: Variants },
  ) {}

  private get variants(): Variants {
    return this.options.variants;
  }

  /** Price per share at which a buy holds buying power. */
  reservePrice(request: Pick<OrderRequest, 'limitPrice' | 'stopPrice' | 'symbol'>): Units {
    if (request.limitPrice !== null) return request.limitPrice;
    if (request.stopPrice !== null) return request.stopPrice;
    const displayed = this.market.displayed(request.symbol);
    if (displayed === undefined) throw unprocessable(`no price for "${request.symbol}" yet`);
    return displayed.quote.ask;
  }

  /** @throws ApiError 403 for an order that would trade against a working one of this account */
  washTrade(terms: Terms, except?: SimOrder): void {
    const placed = { side: SIDES[terms.side], orderType: TYPES[terms.type], limitPrice: terms.limitPrice };
    for (const order of this.state.book.working(terms.symbol, terms.side === 'buy' ? 'sell' : 'buy')) {
      if (order === except || this.exempt(terms, order)) continue;
      const found = washTrade(placed, toResting(order));
      if (found === null) continue;
      throw forbidden('potential wash trade detected. use complex orders', {
        existing_order_id: order.id,
        reject_reason: REJECT_REASONS[found],
      });
    }
  }

  /** Orders of a class are exempt on either side; whether an OTO is beside a plain stop is uncertain. */
  private exempt({ orderClass }: Terms, working: SimOrder): boolean {
    if (orderClass === 'oto' && working.orderClass === 'simple' && working.stopPrice !== null)
      return this.variants.oto_beside_stop === 'taken';
    return orderClass !== 'simple' || working.orderClass !== 'simple';
  }

  /**
   * The prices of an order's legs against the market: a stop loss lies at least a cent beyond the entry's limit, the
   * profit's limit of an OCO, and the last price; a profit at least a cent on the other side of the entry.
   * @throws ApiError 422 naming the price that was compared with
   */
  legPrices({ orderClass, symbol, limitPrice, legs }: OrderRequest): void {
    if (orderClass === 'simple') return;
    if (orderClass !== 'oco' && this.variants.class_add === 'refused' && this.state.holdings.has(symbol))
      throw unprocessable(`${orderClass} orders must be entry orders`);
    const last = this.market.displayed(symbol)?.lastPrice ?? null;
    for (const { role, limitPrice: profit, stopPrice } of legs) {
      if (role === 'stop' && stopPrice !== null) {
        const base = lowest([limitPrice, last]);
        if (base !== null && stopPrice > base - CENT)
          throw unprocessable('stop_loss.stop_price must be <= base_price - 0.01', { base_price: formatUnits(base) });
      }
      const base = limitPrice ?? last;
      if (role === 'profit' && profit !== null && base !== null && profit < base + CENT)
        throw unprocessable('take_profit.limit_price must be >= base_price + 0.01', { base_price: formatUnits(base) });
    }
  }

  /** @throws ApiError 422 for an order that cannot be replaced in its present state */
  replaceable(order: SimOrder): void {
    if (isClosed(order)) throw unprocessable(`order is already in "${order.status}" state`);
    if (order.status === 'accepted' || order.status === 'pending_new')
      throw unprocessable("unable to replace order, order isn't sent to exchange yet");
    if (order.status === 'pending_cancel' || order.status === 'pending_replace')
      throw unprocessable(`unable to replace order in "${order.status}" state`);
    if (order.orderClass === 'oto' && this.variants.oto_replace === 'refused')
      throw unprocessable('replacing oto orders is not supported');
  }

  /** @throws ApiError 422 for a stop for fractions while the market is closed, where the broker does not queue it */
  fractionalStop({ qty, stopPrice }: OrderRequest, open: boolean): void {
    if (open || stopPrice === null || qty % ONE === 0n || this.variants.fractional_stop_closed === 'queued') return;
    throw unprocessable('fractional stop orders are only accepted during market hours');
  }

  /** @throws ApiError 422 for a plain stop that the market has passed, where the broker refuses one */
  passedStop({ orderClass, symbol, side, stopPrice }: OrderRequest): void {
    const quote = this.market.displayed(symbol)?.quote;
    if (this.variants.passed_stop === 'taken' || orderClass !== 'simple' || stopPrice === null || quote === undefined)
      return;
    if (side === 'sell' && stopPrice >= quote.bid) throw unprocessable('stop price must be less than current price');
    if (side === 'buy' && stopPrice <= quote.ask) throw unprocessable('stop price must be greater than current price');
  }

  /**
   * Whether cash or shares suffice. A replacement (`instead`) needs only what goes beyond the order that it replaces.
   * @throws ApiError 403 with the amounts
   */
  means(order: Pick<OrderRequest, 'symbol' | 'side' | 'qty'>, reservePrice: Units, instead?: SimOrder): void {
    if (order.side === 'sell') this.shares(order, instead === undefined ? 0n : leavesOf(instead));
    else {
      const cost = notional(order.qty, reservePrice) + feeOf(this.options.fees, order.qty);
      const free = this.buyingPower() + (instead?.held ?? 0n);
      if (cost <= free) return;
      throw forbidden('insufficient buying power', {
        buying_power: moneyToFixed(free, 2),
        cost_basis: moneyToFixed(cost, 2),
        symbol: order.symbol,
      });
    }
  }

  buyingPower(): bigint {
    const free = this.state.cash - this.state.reserved;
    return free > 0n ? free : 0n;
  }

  private shares({ symbol, qty }: Pick<OrderRequest, 'symbol' | 'qty'>, released: Units): void {
    const available = this.state.availableShares(symbol) + released;
    if (qty <= available) return;
    throw forbidden(
      `insufficient qty available for order (requested: ${formatUnits(qty)}, available: ${formatUnits(available)})`,
      {
        symbol,
        available: formatUnits(available),
        existing_qty: formatUnits(this.state.holdings.get(symbol)?.qty ?? 0n),
        held_for_orders: formatUnits(this.state.heldShares.get(symbol) ?? 0n),
        related_orders: this.holders(symbol),
      },
    );
  }

  /** Ids of the orders that hold shares of a symbol. */
  private holders(symbol: string): string[] {
    const ids: string[] = [];
    for (const order of this.state.book.working(symbol, 'sell')) if (order.held > 0n) ids.push(order.id);
    return ids;
  }
}

function lowest(prices: readonly (Units | null)[]): Units | null {
  return prices.reduce((least, price) => (price !== null && (least === null || price < least) ? price : least), null);
}
