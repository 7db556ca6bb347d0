import type { Bar } from '@/server/domain/exchange/types';
import { numberFromUnits } from '@/server/domain/policy/number-units';
import type { StrategyBar } from './types';

/** The floats nearest to an exact bar. */
export function toStrategyBar(bar: Bar): StrategyBar {
  return {
    symbol: bar.symbol,
    endMs: bar.endMs,
    open: numberFromUnits(bar.open),
    high: numberFromUnits(bar.high),
    low: numberFromUnits(bar.low),
    close: numberFromUnits(bar.close),
    volume: numberFromUnits(bar.volume),
  };
}
