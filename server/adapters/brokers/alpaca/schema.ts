import { z } from 'zod';

/**
 * Alpaca's messages as they come. Loose objects: fields that we do not know survive, and a status that we do not know is
 * text, not an error. Amounts come as text or as numbers, depending on endpoint and age.
 */
const decimal = z.union([z.string().min(1), z.number()]);
const optionalDecimal = decimal.nullish();
const time = z.string().min(1);

export const orderSchema = z.looseObject({
  id: z.string().min(1),
  client_order_id: z.string().nullish(),
  symbol: z.string().nullish(),
  asset_class: z.string().nullish(),
  order_class: z.string().nullish(),
  side: z.string().nullish(),
  qty: optionalDecimal,
  filled_qty: decimal,
  filled_avg_price: optionalDecimal,
  type: z.string().optional(),
  order_type: z.string().optional(),
  time_in_force: z.string(),
  limit_price: optionalDecimal,
  stop_price: optionalDecimal,
  status: z.string(),
  created_at: time.nullish(),
  submitted_at: time.nullish(),
  updated_at: time.nullish(),
  replaces: z.string().nullish(),
});
export type AlpacaOrder = z.output<typeof orderSchema>;

export const accountSchema = z.looseObject({
  id: z.string().min(1),
  cash: decimal,
  equity: decimal,
  buying_power: decimal,
  last_equity: decimal,
  status: z.string().default('unknown'),
  currency: z.string().default('unknown'),
  trading_blocked: z.boolean().default(false),
  account_blocked: z.boolean().default(false),
  trade_suspended_by_user: z.boolean().default(false),
});

export const assetSchema = z.looseObject({
  symbol: z.string().min(1),
  tradable: z.boolean().default(false),
  fractionable: z.boolean().default(false),
  exchange: z.string().max(40).nullish(),
  name: z.string().max(300).nullish(),
});

export const clockSchema = z.looseObject({
  timestamp: time,
  is_open: z.boolean(),
  next_open: time.nullish(),
  next_close: time.nullish(),
});

export const calendarSchema = z.array(z.looseObject({ date: z.string(), open: z.string(), close: z.string() }));

/** `DELETE /v2/orders`: what became of each cancel. */
export const cancelAnswersSchema = z
  .array(
    z.looseObject({
      id: z.string(),
      status: z.number(),
      body: z.looseObject({ message: z.string().optional() }).nullish().catch(undefined),
    }),
  )
  .nullable();

export const positionSchema = z.looseObject({
  symbol: z.string().nullish(),
  asset_class: z.string().nullish(),
  qty: decimal,
  qty_available: optionalDecimal,
  side: z.string(),
  cost_basis: decimal,
  current_price: optionalDecimal,
});

export const activitySchema = z.looseObject({
  id: z.string().min(1),
  activity_type: z.string(),
  transaction_time: time.nullish(),
  created_at: time.nullish(),
  date: z.string().nullish(),
  order_id: z.string().nullish(),
  symbol: z.string().nullish(),
  asset_class: z.string().nullish(),
  side: z.string().nullish(),
  qty: optionalDecimal,
  price: optionalDecimal,
  cum_qty: optionalDecimal,
  net_amount: optionalDecimal,
  status: z.string().nullish(),
  activity_sub_type: z.string().nullish(),
  /** Links the legs of one event. */
  group_id: z.string().nullish(),
  /** The activity that this one cancels or corrects. */
  previous_id: z.string().nullish(),
});
export type AlpacaActivity = z.output<typeof activitySchema>;

export const tradeUpdateSchema = z.looseObject({
  event: z.string(),
  execution_id: z.string().nullish(),
  /** Execution that a trade_bust or trade_correct is about. */
  previous_execution_id: z.string().nullish(),
  price: optionalDecimal,
  qty: optionalDecimal,
  timestamp: time.nullish(),
  at: time.nullish(),
  order: orderSchema,
});

export const quoteSchema = z.looseObject({ t: time, bp: decimal, bs: decimal, ap: decimal, as: decimal });
export const tradeSchema = z.looseObject({ t: time, p: decimal, s: decimal });
export const barSchema = z.looseObject({ t: time, o: decimal, h: decimal, l: decimal, c: decimal, v: decimal });
/** Items are read one by one: a bad one does not take the others with it. */
export const latestQuotesSchema = z.looseObject({ quotes: z.record(z.string(), z.unknown()) });
export const barsSchema = z.looseObject({
  bars: z.record(z.string(), z.array(z.unknown())).nullish(),
  next_page_token: z.string().nullish(),
});

export const newsItemSchema = z.looseObject({
  id: z.union([z.string().min(1), z.number()]),
  headline: z.string(),
  source: z.string().default(''),
  symbols: z.array(z.string()),
  created_at: time,
});
/** Items are read one by one: a bad one does not take the page with it. */
export const newsPageSchema = z.looseObject({
  news: z.array(z.unknown()).nullish(),
  next_page_token: z.string().nullish(),
});

/** Frames of the trading stream: `{stream, data}`. */
export const tradingFrameSchema = z.looseObject({ stream: z.string(), data: z.looseObject({}).catch({}) });
/** Messages of the market data stream come in arrays, each with a type `T`. */
export const marketFrameSchema = z.array(z.unknown());
export const marketMessageSchema = z.looseObject({ T: z.string(), S: z.unknown().optional() });

/** The simulator's description of itself; a broker has no such page. */
export const simulatorInfoSchema = z.looseObject({
  source: z.string(),
  label: z.string(),
  speed: z.number(),
  round_the_clock: z.boolean(),
  symbols: z.array(z.string()),
});
