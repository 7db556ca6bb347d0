import { z } from 'zod';
import { formatMoney, formatUnits, ONE, parseUnits, type Units } from '@/server/kernel/money';
import { badField, notFound } from '../broker/errors';
import { faultsSchema } from '../faults';
import type { RouteContext } from './context';
import { addActivities, amendActivity, amendmentSchema, nonTradeSchema } from './control-activities';
import { jsonBody, type SimAnswer, type SimRequest } from './exchange';

/** `GET /sim/v1/info`: what this simulator is. No keys needed: it tells nothing of the account. */
export function getInfo(context: RouteContext): SimAnswer {
  const { source } = context.market;
  return {
    status: 200,
    body: {
      source: source.kind,
      label: source.label,
      date: source.date,
      speed: context.clock.speed,
      round_the_clock: context.market.sessions.roundTheClock,
      seed: context.config.seed,
      market_time: new Date(context.engine.now()).toISOString(),
      symbols: source.symbols,
      version: context.config.version,
      started_at: new Date(context.startedAtMs).toISOString(),
      ends_at: source.endMs === null ? null : new Date(source.endMs).toISOString(),
      faults: context.faults.enabled,
    },
  };
}

/** `GET /sim/v1/state`: the account as the journal says it is, for comparison. */
export function getState(context: RouteContext): SimAnswer {
  const { state } = context.broker;
  return {
    status: 200,
    body: {
      journal_records: context.journal.lastNumber,
      digest: state.digest(),
      orders: state.book.size,
      open_orders: state.book.openCount,
      activities: state.activities.size,
      cash: formatMoney(state.cash),
      fees: formatMoney(state.fees),
      positions: Object.fromEntries([...state.holdings].map(([symbol, held]) => [symbol, formatUnits(held.qty)])),
    },
  };
}

function requireFaults(context: RouteContext): void {
  if (!context.faults.enabled) throw notFound('endpoint not found.');
}

/** `GET /sim/v1/faults` */
export function getFaults(context: RouteContext): SimAnswer {
  requireFaults(context);
  return { status: 200, body: context.faults.current() };
}

/** `PUT /sim/v1/faults`: replaces every switch. */
export function putFaults(context: RouteContext, request: SimRequest): SimAnswer {
  requireFaults(context);
  const parsed = faultsSchema.safeParse(jsonBody(request));
  if (!parsed.success) throw badField(z.prettifyError(parsed.error));
  try {
    context.faults.set(parsed.data);
  } catch (error) {
    throw badField(error instanceof Error ? error.message : String(error));
  }
  return { status: 200, body: context.faults.current() };
}

/** `DELETE /sim/v1/faults` */
export function deleteFaults(context: RouteContext): SimAnswer {
  requireFaults(context);
  context.faults.clear();
  return { status: 204 };
}

const decimalText = z.union([z.string(), z.number()]).transform((value, issues): Units => {
  try {
    const parsed = parseUnits(value);
    if (parsed > 0n) return parsed;
  } catch {
    // Reported below like any other bad value.
  }
  issues.addIssue({ code: 'custom', message: 'must be a decimal above 0' });
  return z.NEVER;
});

const controlSchema = z.strictObject({
  /** Market time jumps forward, and all that lies between happens. */
  advance_ms: z
    .number()
    .int()
    .min(1)
    .max(31 * 86_400_000)
    .optional(),
  /** Forces the market open or closed; null gives it its own clock back. */
  set_open: z.boolean().nullable().optional(),
  /** Holds a symbol at this price until it is released. */
  quote: z
    .strictObject({
      symbol: z.string(),
      bid: decimalText,
      ask: decimalText,
      bid_size: decimalText.default(1000n * ONE),
      ask_size: decimalText.default(1000n * ONE),
    })
    .optional(),
  /** Halts a symbol's trading, or resumes it. */
  trading_status: z.strictObject({ symbol: z.string(), status: z.enum(['trading', 'halted']) }).optional(),
  /** An order, by its id, ends without an event; the rest of its group works on. */
  lose_order: z.string().optional(),
  /** The broker cancels what works in a symbol and sells the shares: all that are held, or `qty`. */
  liquidate: z.strictObject({ symbol: z.string(), qty: decimalText.optional() }).optional(),
  /** Gives a symbol its own prices back. */
  release: z.string().optional(),
  /** Cash and shares that move without a trade. */
  activities: z.array(nonTradeSchema).max(100).optional(),
  /** Takes one back, or corrects its amount. */
  amend_activity: amendmentSchema.optional(),
});

/** `POST /sim/v1/control`: what a test may force upon the market. */
export function postControl(context: RouteContext, request: SimRequest): SimAnswer {
  requireFaults(context);
  const parsed = controlSchema.safeParse(jsonBody(request));
  if (!parsed.success) throw badField(z.prettifyError(parsed.error));
  const { advance_ms, set_open, quote, release } = parsed.data;
  const { broker, engine, market } = context;
  if (release !== undefined) market.release(release);
  if (advance_ms !== undefined) engine.jump(advance_ms);
  if (set_open !== undefined) engine.forceSession(set_open);
  if (quote !== undefined) {
    if (!market.symbols.has(quote.symbol)) throw notFound(`asset not found for ${quote.symbol}`);
    if (quote.bid > quote.ask) throw badField('bid must not be above ask');
    const { symbol, bid, ask, bid_size: bidSize, ask_size: askSize } = quote;
    const tradePrice = (bid + ask) / 2n;
    engine.pin({ quote: { symbol, bid, ask, bidSize, askSize, atMs: engine.now() }, tradePrice, tradeSize: 1 });
  }
  const { trading_status: status, lose_order: lost, liquidate } = parsed.data;
  if (lost !== undefined) broker.lose(lost, engine.now());
  if (liquidate !== undefined) {
    const held = broker.state.holdings.get(liquidate.symbol);
    if (held === undefined) throw notFound(`position not found: ${liquidate.symbol}`);
    broker.liquidate(liquidate.symbol, liquidate.qty ?? held.qty, engine.now());
  }
  if (status !== undefined) {
    if (!market.symbols.has(status.symbol)) throw notFound(`asset not found for ${status.symbol}`);
    engine.setHalted(status.symbol, status.status === 'halted');
  }
  const added = addActivities(context, parsed.data.activities ?? []);
  if (parsed.data.amend_activity !== undefined) amendActivity(context, parsed.data.amend_activity);
  return {
    status: 200,
    body: {
      market_time: new Date(engine.now()).toISOString(),
      is_open: market.isOpen(engine.now()),
      activities: added,
    },
  };
}
