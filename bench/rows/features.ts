import {
  ATR as TheirAtr,
  BollingerBands as TheirBollinger,
  EMA as TheirEma,
  MACD as TheirMacd,
  RSI as TheirRsi,
  SMA as TheirSma,
} from 'trading-signals';
import { FeatureRun } from '@/server/domain/features';
import { numberFromUnits } from '@/server/domain/policy/index';
import type { StrategyBar } from '@/server/domain/strategy/bar-type';
import type { BenchContext } from '../context';
import { minuteBars } from '../support/bars';
import { bestRates } from '../support/processor-rate';
import type { Measured } from '../support/table';

function ours(bars: readonly StrategyBar[]): number {
  const run = new FeatureRun('SPY');
  let last = 0;
  for (const bar of bars) last = run.next(bar).sma20 ?? last;
  return last;
}

/** The same indicators of the library, of which a snapshot is made a bar. */
function theirs(bars: readonly StrategyBar[]): number {
  const [sma, ema, rsi, atr] = [new TheirSma(20), new TheirEma(20), new TheirRsi(14), new TheirAtr(14)];
  const [bands, volume] = [new TheirBollinger(20, 2), new TheirSma(20)];
  const macd = new TheirMacd(new TheirEma(12), new TheirEma(26), new TheirEma(9));
  let last = 0;
  for (const { high, low, close, volume: traded } of bars) {
    const snapshot = {
      sma: sma.add(close),
      ema: ema.add(close),
      rsi: rsi.add(close),
      atr: atr.add({ high, low, close }),
      bands: bands.add(close),
      macd: macd.add(close),
      usual: volume.add(traded),
    };
    last = snapshot.sma ?? last;
  }
  return last;
}

/** A snapshot of all features for each bar, against the library's indicators a bar at a time. */
export async function measureFeatures({ options, progress }: BenchContext): Promise<Measured[]> {
  progress('features');
  const bars = minuteBars(20_000).map(
    ({ symbol, endMs, open, high, low, close, volume }): StrategyBar => ({
      symbol,
      endMs,
      open: numberFromUnits(open),
      high: numberFromUnits(high),
      low: numberFromUnits(low),
      close: numberFromUnits(close),
      volume: numberFromUnits(volume),
    }),
  );
  const distance = Math.abs(ours(bars) - theirs(bars));
  if (!(distance <= 1e-9)) throw new Error(`the averages are ${distance} apart`);
  const works = [ours, theirs].map((run) => () => (run(bars) > 0 ? bars.length : 0));
  const [figure = 0, baseline = 0] = await bestRates(works, options.quick ? 4 : 10);
  return [
    {
      row: 'features',
      figure,
      baseline,
      baselineName: 'trading-signals',
      ratio: figure / baseline,
      unit: '/s',
      aim: { of: 'figure', least: 1_000_000, orRatio: 2 },
    },
  ];
}
