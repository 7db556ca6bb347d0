import { z } from 'zod';
import { DecimalError, parseMoney, parseUnits } from '@/server/kernel/money';
import { activityId } from '../broker/activities';
import { badField, notFound } from '../broker/errors';
import type { RouteContext } from './context';

const decimal = z.string().refine((text) => {
  try {
    return parseMoney(text) !== null;
  } catch (error) {
    if (error instanceof DecimalError) return false;
    throw error;
  }
}, 'must be a decimal');

/** What a statement shows beside trades: cash in or out, shares that come or go. */
export const nonTradeSchema = z.strictObject({
  /** DIV, CSD, CSW, JNLC, ACATS, SPLIT … */
  type: z.string().regex(/^[A-Z]{2,12}$/),
  sub_type: z.string().optional(),
  symbol: z.string().optional(),
  /** Signed shares; for a dividend those that it is paid on. */
  qty: decimal.optional(),
  price: decimal.optional(),
  /** Cash that moves, in is positive. */
  net_amount: decimal.default('0'),
  /** Links the legs of one event. */
  group_id: z.string().optional(),
});

export const amendmentSchema = z.strictObject({
  id: z.string(),
  status: z.enum(['canceled', 'correct']),
  /** The amount as corrected. */
  net_amount: decimal.optional(),
});

/** @throws ApiError 422 when fewer shares are held than would leave */
function requireShares({ broker }: RouteContext, symbol: string | null, qty: string, sign: bigint): void {
  const held = symbol === null ? undefined : broker.state.holdings.get(symbol);
  if ((held?.qty ?? 0n) + sign * parseUnits(qty) < 0n) throw badField('fewer shares are held');
}

/** Writes activities to the journal. @returns their ids */
export function addActivities(context: RouteContext, wanted: readonly z.output<typeof nonTradeSchema>[]): string[] {
  const { broker, engine } = context;
  return wanted.map((each) => {
    const atMs = engine.now();
    const record = {
      type: 'non_trade',
      activity_type: each.type,
      activity_sub_type: each.sub_type ?? null,
      symbol: each.symbol ?? null,
      qty: each.qty ?? null,
      price: each.price ?? null,
      net_amount: each.net_amount,
      group_id: each.group_id ?? null,
      at: atMs,
    } as const;
    requireShares(context, record.symbol, record.qty ?? '0', 1n);
    const id = broker.state.activities.nextId();
    broker.commit(record);
    return activityId(atMs, id);
  });
}

/** Cancels or corrects an activity. @throws ApiError 404 when it names no such activity, 422 for a fill or a fee of one */
export function amendActivity(context: RouteContext, amendment: z.output<typeof amendmentSchema>): void {
  const { broker, engine } = context;
  const { activities } = broker.state;
  const number = activities.numberOf(amendment.id);
  if (number === null) throw notFound('no such activity');
  const activity = activities.read(number);
  if (activity.kind !== 'NON_TRADE') throw badField('only an activity beside trades can be amended');
  const before = broker.state.amendments.get(number);
  if (before?.status === 'canceled') throw badField('it is cancelled already');
  // The journal takes what was checked: what it holds is applied again at every start.
  if (amendment.status === 'canceled') requireShares(context, activity.symbol, activity.qty ?? '0', -1n);
  const netAmount = amendment.net_amount ?? before?.netAmount ?? activity.netAmount;
  broker.commit({ type: 'amend', number, status: amendment.status, net_amount: netAmount, at: engine.now() });
}
