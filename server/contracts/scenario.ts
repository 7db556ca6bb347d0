import { z } from 'zod';
import { DecimalError, parseUnits, type Units } from '@/server/kernel/money';
import {
  decisionSchema,
  displayStatusSchema,
  hasLimitPrice,
  hasStopPrice,
  orderFlagSchema,
  orderTypeSchema,
  rolloutStageSchema,
  sideSchema,
  timeInForceSchema,
  tradingStateSchema,
} from '@/server/kernel/vocabulary';
import { policyRequestSchema } from './policy';
import { policyOverrideSchema } from './policy-body';
import { symbolSchema } from './symbol';

/**
 * The lines of a scenario file (the input of `countersign replay`), parsed strictly: unknown keys are refused,
 * amounts become exact units, times epoch milliseconds. Amounts may be decimal text or JSON numbers.
 */

const MAX_UNITS = 10n ** 30n;

function toUnits(value: string | number, context: z.RefinementCtx): Units {
  try {
    const units = parseUnits(value);
    if (units <= MAX_UNITS && units >= -MAX_UNITS) return units;
    context.addIssue({ code: 'custom', message: 'is too large' });
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be a decimal number of at most 12 decimals' });
  }
  return z.NEVER;
}

const decimal = z.union([z.string().max(64), z.number()], 'must be a decimal number').transform(toUnits);
const positive = decimal.refine((value) => value > 0n, 'must be greater than zero');
const notNegative = decimal.refine((value) => value >= 0n, 'must not be negative');
const fraction = notNegative.refine((value) => value <= 10n ** 12n, 'must be at most 1');

/** Text of a decimal as written: the comparison rounds to as many decimals as the expectation has. */
const decimalText = z
  .union([z.string(), z.number()], 'must be a decimal number')
  .transform(String)
  .refine((text) => /^-?\d{1,30}(\.\d{1,24})?$/.test(text), 'must be a plain decimal number');

const FIRST_MS = Date.UTC(1990, 0, 1);
const LAST_MS = Date.UTC(2100, 0, 1);

/** ISO 8601 in UTC, within the years of the calendar; epoch milliseconds. */
const instant = z.iso
  .datetime('must be a time in ISO 8601 and UTC, like 2026-01-05T14:30:00.000Z')
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= FIRST_MS && ms < LAST_MS, 'must lie in the years 1990 to 2099');

const id = z.string().min(1).max(128);
const signalId = id.toLowerCase();
const periodSeconds = z
  .int()
  .min(1)
  .max(366 * 86_400);

const ohlc = z
  .strictObject({ open: notNegative, high: notNegative, low: notNegative, close: notNegative })
  .refine(({ high, low }) => high >= low, 'high must not be below low');

const exchangeSchema = z.strictObject({
  mode: z.enum(['scripted', 'bars', 'quotes']).default('scripted'),
  fee_per_share: notNegative.default(0n),
  fee_min: notNegative.default(0n),
  /** Most of a bar's volume that one fill may take. */
  participation: fraction.optional(),
  impact_bps: notNegative.optional(),
});

export const scenarioHeaderSchema = z.strictObject({
  scenario: z.literal(1, 'must be 1: the only version of scenario files'),
  name: z.string().min(1).max(500),
  start: instant,
  cash: notNegative,
  stage: rolloutStageSchema.default('M0_LOCAL'),
  gate: z.enum(['on', 'off']).default('on'),
  /** `latches: false`: a loss limit that is reached stops nothing. `self_match: true`: SELF_MATCH is judged. */
  policy: policyOverrideSchema
    .extend({ latches: z.boolean().optional(), self_match: z.boolean().optional() })
    .default({}),
  exchange: exchangeSchema.default({ mode: 'scripted', fee_per_share: 0n, fee_min: 0n }),
  strategies: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        symbol: symbolSchema,
        params: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
});
export type ScenarioHeader = z.output<typeof scenarioHeaderSchema>;

const at = { at: instant };
const by = { by: z.string().max(200).optional(), reason: z.string().max(500).optional() };

const barLine = z
  .strictObject({
    ...at,
    type: z.literal('bar'),
    symbol: symbolSchema,
    open: positive,
    high: positive,
    low: positive,
    close: positive,
    volume: notNegative,
    period_s: periodSeconds,
  })
  .refine(({ high, low }) => high >= low, 'high must not be below low');

const quoteBarLine = z.strictObject({
  ...at,
  type: z.literal('quote_bar'),
  symbol: symbolSchema,
  bid: ohlc,
  ask: ohlc,
  period_s: periodSeconds,
});

const quoteLine = z.strictObject({
  ...at,
  type: z.literal('quote'),
  symbol: symbolSchema,
  bid: notNegative,
  ask: notNegative,
  bid_size: notNegative,
  ask_size: notNegative,
});

const percent = positive.refine((value) => value < 100n * 10n ** 12n, 'must be less than 100');

/** The stop that an order brings along. The distance is a share of the order's reference price. */
const stopLoss = z
  .strictObject({
    stop_price: positive.optional(),
    distance_pct: positive.refine((value) => value < 10n ** 12n, 'must be less than 1').optional(),
    limit_price: positive.optional(),
  })
  .refine(
    ({ stop_price, distance_pct }) => (stop_price === undefined) !== (distance_pct === undefined),
    'states either stop_price or distance_pct',
  );

const orderLine = z
  .strictObject({
    ...at,
    type: z.literal('order'),
    id,
    symbol: symbolSchema,
    side: sideSchema,
    qty: positive,
    order_type: orderTypeSchema,
    limit_price: positive.nullish(),
    stop_price: positive.nullish(),
    /** Distance of a trailing stop, dollars a share. */
    trail_price: positive.nullish(),
    /** Distance of a trailing stop in percent: 1 is 1%. */
    trail_percent: percent.nullish(),
    stop_loss: stopLoss.nullish(),
    take_profit: z.strictObject({ limit_price: positive }).nullish(),
    /** Id of the order whose place it takes. */
    replaces: id.nullish(),
    time_in_force: timeInForceSchema.default('DAY'),
    /** A New York date, or a time on it. */
    good_till: z.union([z.iso.date(), z.iso.datetime()], 'must be a date or a time in UTC').nullish(),
    signal_id: signalId.nullish(),
  })
  .superRefine((line, context) => {
    const check = (field: 'limit_price' | 'stop_price' | 'good_till', wanted: boolean, of: string) => {
      if (wanted === ((line[field] ?? null) !== null)) return;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: wanted ? `is required for ${of}` : `does not belong to ${of}`,
      });
    };
    check('limit_price', hasLimitPrice(line.order_type), `a ${line.order_type} order`);
    check('stop_price', hasStopPrice(line.order_type), `a ${line.order_type} order`);
    check('good_till', line.time_in_force === 'GTD', `a ${line.time_in_force} order`);
    const trails = [line.trail_price, line.trail_percent].filter((each) => (each ?? null) !== null).length;
    if (trails === (line.order_type === 'TRAILING_STOP' ? 1 : 0)) return;
    context.addIssue({
      code: 'custom',
      path: [(line.trail_percent ?? null) === null ? 'trail_price' : 'trail_percent'],
      message:
        line.order_type === 'TRAILING_STOP'
          ? 'a TRAILING_STOP order states either trail_price or trail_percent'
          : `does not belong to a ${line.order_type} order`,
    });
  });

const BROKER_EVENTS = [
  'accepted',
  'rejected',
  'fill',
  'bust',
  'correct',
  'cancelled',
  'cancel_rejected',
  'expired',
  'done_for_day',
  'replaced',
  'replace_rejected',
] as const;
const BROKER_FIELDS: Record<string, readonly ('execution_id' | 'ref_execution_id' | 'qty' | 'price')[]> = {
  fill: ['execution_id', 'qty', 'price'],
  bust: ['ref_execution_id'],
  correct: ['ref_execution_id', 'qty', 'price'],
};

const brokerLine = z
  .strictObject({
    ...at,
    type: z.literal('broker'),
    id,
    event: z.enum(BROKER_EVENTS),
    execution_id: id.nullish(),
    ref_execution_id: id.nullish(),
    qty: notNegative.nullish(),
    price: notNegative.nullish(),
    reason: z.string().max(500).nullish(),
  })
  .superRefine((line, context) => {
    for (const field of BROKER_FIELDS[line.event] ?? []) {
      if ((line[field] ?? null) === null) {
        context.addIssue({ code: 'custom', path: [field], message: `is required for ${line.event}` });
      }
    }
    if (line.event === 'fill' && line.qty === 0n) {
      context.addIssue({ code: 'custom', path: ['qty'], message: 'must be greater than zero' });
    }
  });

const expectLine = z
  .strictObject({
    at: instant.optional(),
    type: z.literal('expect'),
    id: id.optional(),
    status: displayStatusSchema.optional(),
    cum_qty: decimalText.optional(),
    leaves_qty: decimalText.optional(),
    avg_price: decimalText.optional(),
    flags: z.array(orderFlagSchema).optional(),
    signal_id: signalId.optional(),
    decision: decisionSchema.optional(),
    codes: z.array(z.string()).optional(),
    approved_size_pct: decimalText.optional(),
    account: z
      .strictObject({
        cash: decimalText.optional(),
        equity: decimalText.optional(),
        fees: decimalText.optional(),
        positions: z.record(symbolSchema, decimalText).optional(),
      })
      .optional(),
    fills: z.int().min(0).optional(),
    state: tradingStateSchema.optional(),
    /** Symbols held with less protection than they are owed. */
    unprotected: z.array(symbolSchema).optional(),
    refused: z.string().min(1).optional(),
  })
  .superRefine((line, context) => {
    const { id: order, signal_id: signal, account, fills, state, unprotected, refused } = line;
    const forms = [order, signal, account, fills, state, unprotected, refused].filter((each) => each !== undefined);
    if (forms.length !== 1) {
      context.addIssue({
        code: 'custom',
        message: 'an expect names exactly one of id, signal_id, account, fills, state, unprotected, refused',
      });
    }
    const belongs = (owner: 'id' | 'signal_id', fields: readonly (keyof typeof line)[]) => {
      for (const field of fields) {
        if (line[field] === undefined || line[owner] !== undefined) continue;
        context.addIssue({ code: 'custom', path: [field], message: `belongs to an expect with ${owner}` });
      }
    };
    belongs('id', ['status', 'cum_qty', 'leaves_qty', 'avg_price', 'flags']);
    belongs('signal_id', ['decision', 'codes', 'approved_size_pct']);
  });

const name = z.string().min(1).max(200);
const signalLine = policyRequestSchema.extend({
  ...at,
  type: z.literal('signal'),
  strategy: name.optional(),
  principal: name.optional(),
});

/** What a halt is limited to. */
const scope = z
  .strictObject({ strategy: name.optional(), symbol: symbolSchema.optional(), principal: name.optional() })
  .refine(
    ({ strategy, symbol, principal }) =>
      [strategy, symbol, principal].filter((each) => each !== undefined).length === 1,
    'names exactly one of strategy, symbol, principal',
  );
export type HaltScope = z.output<typeof scope>;
const scoped = { ...by, scope: scope.optional() };

/** Every line after the header. */
export const scenarioLineSchema = z.discriminatedUnion(
  'type',
  [
    barLine,
    quoteBarLine,
    quoteLine,
    z.strictObject({ ...at, type: z.literal('session'), market_open: z.boolean() }),
    signalLine,
    z.strictObject({ ...at, type: z.literal('approve'), signal_id: signalId, ...by }),
    z.strictObject({ ...at, type: z.literal('decline'), signal_id: signalId, ...by }),
    orderLine,
    z.strictObject({ ...at, type: z.literal('cancel'), id }),
    brokerLine,
    z.strictObject({ ...at, type: z.literal('halt'), ...scoped }),
    z.strictObject({ ...at, type: z.literal('reduce'), ...scoped }),
    z.strictObject({ ...at, type: z.literal('release'), ...scoped }),
    z.strictObject({
      ...at,
      type: z.literal('status'),
      symbol: symbolSchema,
      status: z.enum(['trading', 'halted', 'limited']),
    }),
    expectLine,
  ],
  'type must be one of bar, quote_bar, quote, session, signal, approve, decline, order, cancel, broker, halt, reduce, release, status, expect',
);
export type ScenarioLine = z.output<typeof scenarioLineSchema>;
export type ScenarioLineOf<T extends ScenarioLine['type']> = Extract<ScenarioLine, { type: T }>;
export type Expectation = ScenarioLineOf<'expect'>;
