import { ALL_SYMBOLS } from '@/server/contracts/strategies';
import type { Strategy } from './types';

/** What was set for a strategy on a symbol, or on `*`: every symbol without a row of its own. */
export interface SettingRow {
  readonly strategy: string;
  readonly symbol: string;
  readonly enabled: boolean;
  /** As stated, without defaults. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface EffectiveSetting {
  readonly enabled: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly origin: 'SYMBOL' | 'ALL' | 'INITIAL';
}

/** Names of the setting STRATEGIES; "none" and the empty list switch all off. */
export function initialStrategies(names: string): readonly string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'none');
}

/** The symbol's own row, else the row of `*`, else on exactly when the strategy is among the initial ones. */
export function effectiveSetting(
  rows: readonly SettingRow[],
  initial: readonly string[],
  strategy: Pick<Strategy, 'name' | 'input'>,
  symbol: string,
): EffectiveSetting {
  const find = (wanted: string) => rows.find((row) => row.strategy === strategy.name && row.symbol === wanted);
  // One run of a strategy of ticks serves all symbols.
  const own = strategy.input === 'ticks' || symbol === ALL_SYMBOLS ? undefined : find(symbol);
  if (own !== undefined) return { enabled: own.enabled, params: own.params, origin: 'SYMBOL' };
  const all = find(ALL_SYMBOLS);
  if (all !== undefined) return { enabled: all.enabled, params: all.params, origin: 'ALL' };
  return { enabled: initial.includes(strategy.name), params: {}, origin: 'INITIAL' };
}
