import { formatUnits, type Units } from '@/server/kernel/money';
import type { Asset } from '../http/assets';
import type { MarketBar, PricePoint } from '../market/types';

/** Prices go out as JSON numbers: this protocol has no decimal texts. */
function number(value: Units): number {
  return Number(formatUnits(value));
}

function shares(value: Units): number {
  return Math.floor(number(value));
}

/** An average of the bar's four prices stands for the volume weighted price, which no one-minute bar records. */
function averageOf(bar: MarketBar): number {
  return number((bar.open + bar.high + bar.low + bar.close) / 4n);
}

/** A quote as the Market Data API shows it; `t` is left to the caller, whose encoding it depends on. */
export function quoteFields(point: PricePoint, asset: Asset): object {
  const { bid, ask, bidSize, askSize } = point.quote;
  return {
    bx: 'V',
    bp: number(bid),
    bs: shares(bidSize),
    ax: 'V',
    ap: number(ask),
    as: shares(askSize),
    c: ['R'],
    z: asset.tape,
  };
}

/** A trade; its id is the time in ms, unique for a symbol. */
export function tradeFields(point: PricePoint, asset: Asset): object {
  return { i: point.quote.atMs, x: 'V', p: number(point.tradePrice), s: point.tradeSize, c: ['@'], z: asset.tape };
}

export function barFields(bar: MarketBar): object {
  return {
    o: number(bar.open),
    h: number(bar.high),
    l: number(bar.low),
    c: number(bar.close),
    v: bar.volume,
    n: bar.trades,
    vw: averageOf(bar),
  };
}
