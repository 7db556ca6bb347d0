import { z } from 'zod';
import { symbolSchema } from './symbol';
import { instantSchema } from './text';

/** Every symbol that has no row of its own. */
export const ALL_SYMBOLS = '*';

export const strategyNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is no name of a strategy');

/** A symbol, or `*`. */
export const settingSymbolSchema = z.union([z.literal(ALL_SYMBOLS), symbolSchema]);

/** Parameters of a strategy by name; the strategy's own schema decides which there are. */
export const strategyParamsSchema = z.record(z.string().max(60), z.unknown());

/** What a strategy does on a symbol. */
export const strategySettingSchema = z.object({
  strategy: strategyNameSchema,
  symbol: settingSymbolSchema,
  enabled: z.boolean(),
  /** Complete: defaults filled in. */
  params: strategyParamsSchema,
  /** SYMBOL: the symbol's own row. ALL: the row of `*`. INITIAL: no row; as the setting STRATEGIES says. */
  origin: z.enum(['SYMBOL', 'ALL', 'INITIAL']),
  /** Of the row for exactly this symbol; 0 while there is none. A change names the version that it was made from. */
  version: z.number().int().min(0),
  updated_at: instantSchema.nullable(),
  updated_by: z.string().nullable(),
});
export type StrategySetting = z.output<typeof strategySettingSchema>;

/** A registered strategy with what it does on each symbol that may trade. */
export const strategyViewSchema = z.object({
  name: strategyNameSchema,
  version: z.string(),
  description: z.string(),
  /** What drives it. One of ticks runs once for all symbols: only `*` can be set. */
  input: z.enum(['bars', 'ticks']),
  /** JSON Schema of the parameters. */
  params_schema: z.record(z.string(), z.unknown()),
  /** The parameters when none are stated. */
  defaults: strategyParamsSchema,
  /** `*` first, then symbols in alphabetical order. */
  settings: z.array(strategySettingSchema),
});
export type StrategyView = z.output<typeof strategyViewSchema>;

export const strategyListSchema = z.object({ strategies: z.array(strategyViewSchema) });

/** Body of PUT /v1/strategies/{name}/symbols/{symbol}. */
export const setStrategySchema = z.strictObject({
  enabled: z.boolean(),
  /** What differs from the defaults. */
  params: strategyParamsSchema.default({}),
});
export type SetStrategy = z.output<typeof setStrategySchema>;
