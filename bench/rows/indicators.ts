import {
  ATR as TheirAtr,
  BollingerBands as TheirBollinger,
  EMA as TheirEma,
  RSI as TheirRsi,
  SMA as TheirSma,
} from 'trading-signals';
import { Atr, Bollinger, Ema, Rsi, Sma } from '@/server/domain/features';
import type { BenchContext } from '../context';
import { bestRates } from '../support/processor-rate';
import { seeded } from '../support/random';
import type { Measured } from '../support/table';

interface Prices {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

function randomPrices(count: number): Prices {
  const random = seeded(11);
  const prices = { high: new Float64Array(count), low: new Float64Array(count), close: new Float64Array(count) };
  let price = 100;
  for (let index = 0; index < count; index += 1) {
    const open = price;
    price = Math.max(10, price + random() - 0.5);
    prices.close[index] = price;
    prices.high[index] = Math.max(open, price) + random() * 0.1;
    prices.low[index] = Math.min(open, price) - random() * 0.1;
  }
  return prices;
}

/** Five indicators, a bar at a time. @returns their last values */
function ours({ high, low, close }: Prices): number[] {
  const [sma, ema, rsi, atr, bollinger] = [new Sma(20), new Ema(20), new Rsi(14), new Atr(14), new Bollinger(20, 2)];
  for (let index = 0; index < close.length; index += 1) {
    const price = close[index] ?? 0;
    sma.next(price);
    ema.next(price);
    rsi.next(price);
    atr.next(high[index] ?? 0, low[index] ?? 0, price);
    bollinger.next(price);
  }
  return [sma.value, ema.value, rsi.value, atr.value, bollinger.upper];
}

function theirs({ high, low, close }: Prices): number[] {
  const [sma, ema, rsi] = [new TheirSma(20), new TheirEma(20), new TheirRsi(14)];
  const [atr, bollinger] = [new TheirAtr(14), new TheirBollinger(20, 2)];
  for (let index = 0; index < close.length; index += 1) {
    const price = close[index] ?? 0;
    sma.add(price);
    ema.add(price);
    rsi.add(price);
    atr.add({ high: high[index] ?? 0, low: low[index] ?? 0, close: price });
    bollinger.add(price);
  }
  const values = [sma, ema, rsi, atr].map((each) => each.getResultOrThrow());
  return [...values, bollinger.getResultOrThrow().upper];
}

/** Five incremental indicators over random prices, against trading-signals. Both end at the same values. */
export async function measureIndicators({ options, progress }: BenchContext): Promise<Measured[]> {
  progress('indicators');
  const prices = randomPrices(20_000);
  const [mine, other] = [ours(prices), theirs(prices)];
  for (const [index, value] of mine.entries()) {
    const distance = Math.abs(value - (other[index] ?? Number.NaN));
    if (!(distance <= 1e-9)) throw new Error(`indicator ${index}: ${value} here, ${other[index]} in trading-signals`);
  }
  const works = [ours, theirs].map((run) => () => (run(prices).length / 5) * prices.close.length);
  const [figure = 0, baseline = 0] = await bestRates(works, options.quick ? 4 : 10);
  return [
    {
      row: 'indicators',
      figure,
      baseline,
      baselineName: 'trading-signals',
      ratio: figure / baseline,
      unit: '/s',
      aim: { of: 'figure', least: 10_000_000, orRatio: 5 },
    },
  ];
}
