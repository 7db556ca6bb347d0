import type { Side } from '@/server/kernel/vocabulary';

/** Equity at an instant, dollars. */
export interface EquityPoint {
  /** Epoch ms. */
  readonly atMs: number;
  readonly equity: number;
}

export interface TradeFill {
  readonly symbol: string;
  readonly side: Side;
  readonly qty: number;
  readonly price: number;
  readonly fee: number;
  readonly atMs: number;
}

/** From flat to flat in one symbol. */
export interface RoundTrip {
  readonly symbol: string;
  readonly openedMs: number;
  readonly closedMs: number;
  /** Dollars, fees included. */
  readonly profit: number;
}

/** What a run of strategies came to. Shares are fractions; a figure is null where there is nothing to compute it from. */
export interface RunStatistics {
  readonly startEquity: number;
  readonly endEquity: number;
  readonly totalReturn: number;
  /** Largest fall from a peak of daily equity, as a share of the peak. */
  readonly maxDrawdown: number;
  /** Mean over standard deviation of daily returns, times the square root of 252. */
  readonly sharpe: number | null;
  readonly fills: number;
  readonly fees: number;
  /** Dollars traded over the starting equity. */
  readonly turnover: number;
  readonly roundTrips: number;
  readonly winRate: number | null;
  /** Dollars won over dollars lost; null where nothing was lost. */
  readonly profitFactor: number | null;
  readonly averageWin: number | null;
  readonly averageLoss: number | null;
}

/** Below this many shares a position counts as flat: the sums are floats. */
const FLAT = 1e-9;
const TRADING_DAYS = 252;

interface Open {
  qty: number;
  cash: number;
  openedMs: number;
}

/** Round trips in the order they closed. What is still open at the end is none. */
export function roundTripsOf(fills: readonly TradeFill[]): readonly RoundTrip[] {
  const open = new Map<string, Open>();
  const trips: RoundTrip[] = [];
  for (const { symbol, side, qty, price, fee, atMs } of fills) {
    const held = open.get(symbol) ?? { qty: 0, cash: 0, openedMs: atMs };
    const signed = side === 'BUY' ? qty : -qty;
    const next = { qty: held.qty + signed, cash: held.cash - signed * price - fee, openedMs: held.openedMs };
    if (Math.abs(next.qty) > FLAT) open.set(symbol, next);
    else {
      trips.push({ symbol, openedMs: next.openedMs, closedMs: atMs, profit: next.cash });
      open.delete(symbol);
    }
  }
  return trips;
}

function maxDrawdown(curve: readonly EquityPoint[]): number {
  let [peak, worst] = [Number.NEGATIVE_INFINITY, 0];
  for (const { equity } of curve) {
    if (equity > peak) peak = equity;
    if (peak > 0) worst = Math.max(worst, (peak - equity) / peak);
  }
  return worst;
}

function sharpe(curve: readonly EquityPoint[]): number | null {
  const returns = curve.slice(1).map(({ equity }, index) => equity / (curve[index]?.equity ?? Number.NaN) - 1);
  if (returns.length < 2) return null;
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (returns.length - 1);
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(TRADING_DAYS) : null;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param curve equity at the start and at the end of each day, oldest first, at least one point */
export function runStatistics(curve: readonly EquityPoint[], fills: readonly TradeFill[]): RunStatistics {
  const start = curve[0]?.equity ?? 0;
  const end = curve.at(-1)?.equity ?? start;
  const trips = roundTripsOf(fills);
  const wins = trips.filter(({ profit }) => profit > 0).map(({ profit }) => profit);
  const losses = trips.filter(({ profit }) => profit < 0).map(({ profit }) => -profit);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return {
    startEquity: start,
    endEquity: end,
    totalReturn: start > 0 ? end / start - 1 : 0,
    maxDrawdown: maxDrawdown(curve),
    sharpe: sharpe(curve),
    fills: fills.length,
    fees: total(fills.map(({ fee }) => fee)),
    turnover: start > 0 ? total(fills.map(({ qty, price }) => qty * price)) / start : 0,
    roundTrips: trips.length,
    winRate: trips.length === 0 ? null : wins.length / trips.length,
    profitFactor: losses.length === 0 ? null : total(wins) / total(losses),
    averageWin: mean(wins),
    averageLoss: mean(losses),
  };
}
