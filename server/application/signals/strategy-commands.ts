import { z } from 'zod';
import type { Commands } from '@/server/application/commands';
import type { StrategyRow, StrategyStore } from '@/server/application/ports/strategy-store';
import {
  ALL_SYMBOLS,
  type SetStrategy,
  type StrategySetting,
  type StrategyView,
  settingSymbolSchema,
  strategyParamsSchema,
} from '@/server/contracts/strategies';
import { findStrategy, STRATEGIES, type Strategy } from '@/server/domain/strategy';
import { effectiveSetting } from '@/server/domain/strategy/settings';
import type { Actor } from '@/server/kernel/actor';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';

/** Listing what each strategy does, and setting it. */
export function createStrategyCommands(
  store: StrategyStore,
  initial: readonly string[],
): Pick<Commands, 'strategies' | 'setStrategy'> {
  async function strategies(): Promise<readonly StrategyView[]> {
    const [rows, symbols] = await Promise.all([store.rows(), store.symbols()]);
    return STRATEGIES.map((strategy) => viewOf(strategy, rows, symbols, initial));
  }

  async function setStrategy(
    actor: Actor,
    target: { readonly strategy: string; readonly symbol: string },
    change: SetStrategy,
    version: number | null,
  ): Promise<Outcome<{ setting: StrategySetting }>> {
    const strategy = findStrategy(target.strategy);
    if (strategy === undefined) return refuse('NOT_FOUND', `There is no strategy "${target.strategy.slice(0, 60)}".`);
    const symbol = settingSymbolSchema.safeParse(target.symbol);
    if (!symbol.success) return invalid('symbol', 'must be a symbol, or *');
    if (strategy.input === 'ticks' && symbol.data !== ALL_SYMBOLS)
      return invalid('symbol', `${strategy.name} runs once for all symbols: set it for *`);
    const params = strategy.params.safeParse(change.params);
    if (!params.success) return invalidParams(params.error);
    const row = await store.set({
      strategy: strategy.name,
      symbol: symbol.data,
      enabled: change.enabled,
      params: change.params,
      expected: version,
      actor: actor.name,
      correlationId: actor.correlationId,
    });
    if (row === null) return refuse('CONFLICT', 'Somebody else has changed this setting meanwhile: look at it again.');
    return { ok: true, setting: settingOf(strategy, symbol.data, [row], initial) };
  }

  return { strategies, setStrategy };
}

function invalid(field: string, message: string): Refusal {
  return refuse('INVALID', `${field}: ${message}`, { fields: [{ field, message }] });
}

function invalidParams(error: z.ZodError): Refusal {
  const fields = error.issues.flatMap((issue) => {
    const path = ['params', ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
  });
  const first = fields[0];
  const message = first === undefined ? 'The parameters are not valid.' : `${first.field}: ${first.message}`;
  return { ...refuse('INVALID', message), fields };
}

function viewOf(
  strategy: Strategy,
  rows: readonly StrategyRow[],
  symbols: readonly string[],
  initial: readonly string[],
): StrategyView {
  const own = rows.filter((row) => row.strategy === strategy.name).map(({ symbol }) => symbol);
  const others = strategy.input === 'ticks' ? [] : [...new Set([...symbols, ...own])].sort();
  return {
    name: strategy.name,
    version: strategy.version,
    description: strategy.description,
    input: strategy.input,
    params_schema: paramsSchemaOf(strategy),
    defaults: strategyParamsSchema.parse(strategy.params.parse({})),
    settings: [ALL_SYMBOLS, ...others.filter((symbol) => symbol !== ALL_SYMBOLS)].map((symbol) =>
      settingOf(strategy, symbol, rows, initial),
    ),
  };
}

function paramsSchemaOf(strategy: Strategy): StrategyView['params_schema'] {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(strategy.params, { io: 'input', unrepresentable: 'any' });
  return schema;
}

/** Parameters that were stored and do not fit any more are shown as they are: the strategy does not run on them. */
function completed(strategy: Strategy, stated: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = strategy.params.safeParse(stated);
  return strategyParamsSchema.parse(parsed.success ? parsed.data : stated);
}

function settingOf(
  strategy: Strategy,
  symbol: string,
  rows: readonly StrategyRow[],
  initial: readonly string[],
): StrategySetting {
  const { enabled, params, origin } = effectiveSetting(rows, initial, strategy, symbol);
  const own = rows.find((row) => row.strategy === strategy.name && row.symbol === symbol);
  return {
    strategy: strategy.name,
    symbol,
    enabled,
    params: completed(strategy, params),
    origin,
    version: own?.version ?? 0,
    updated_at: own?.updatedAt ?? null,
    updated_by: own?.updatedBy ?? null,
  };
}
