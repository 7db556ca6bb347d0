import { formatMoney, formatUnits, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import type { SimOrderClass, SimOrderType, SimSide, SimTimeInForce } from '../journal/records';
import type { SimOrder, SimStatus } from './order';

/** Groups of fields without their names; times are milliseconds after the order was submitted. */
type Packed = readonly [
  asked: readonly [
    clientOrderId: string,
    symbol: string,
    side: SimSide,
    type: SimOrderType,
    timeInForce: SimTimeInForce,
  ],
  amounts: readonly [qty: string, limit: string | null, stop: string | null, reserve: string],
  filled: readonly [qty: string, notional: string],
  state: readonly [status: SimStatus, triggered: 0 | 1],
  submittedAtMs: number,
  after: readonly [
    updated: number,
    expires: number | null,
    filled: number | null,
    canceled: number | null,
    expired: number | null,
  ],
  /** Absent: a simple order that replaces nothing and was not replaced. */
  links?: readonly [
    orderClass: SimOrderClass,
    role: SimOrder['role'],
    rootSeq: number | null,
    replacesSeq: number | null,
    replacedBySeq: number | null,
    replaced: number | null,
    dormant: 0 | 1,
  ],
];

const textOf = (value: Units | null): string | null => (value === null ? null : formatUnits(value));
const unitsOf = (text: string | null): Units | null => (text === null ? null : parseUnits(text));

/** The text in which a closed order is kept: short, for thousands of them stay. Its id follows from its number. */
export function packOrder(order: SimOrder): string {
  const after = (atMs: number | null): number | null => (atMs === null ? null : atMs - order.submittedAtMs);
  const packed: Packed = [
    [order.clientOrderId, order.symbol, order.side, order.type, order.timeInForce],
    [formatUnits(order.qty), textOf(order.limitPrice), textOf(order.stopPrice), formatUnits(order.reservePrice)],
    [formatUnits(order.filledQty), formatMoney(order.filledNotional)],
    [order.status, order.triggered ? 1 : 0],
    order.submittedAtMs,
    [
      order.updatedAtMs - order.submittedAtMs,
      after(order.expiresAtMs),
      after(order.filledAtMs),
      after(order.canceledAtMs),
      after(order.expiredAtMs),
    ],
    ...(order.rootSeq === null && order.replacesSeq === null && order.replacedBySeq === null
      ? ([] as const)
      : ([
          [
            order.orderClass,
            order.role,
            order.rootSeq,
            order.replacesSeq,
            order.replacedBySeq,
            after(order.replacedAtMs),
            order.dormant ? 1 : 0,
          ],
        ] as const)),
  ];
  return JSON.stringify(packed);
}

/** Reads what {@link packOrder} wrote. */
export function unpackOrder(text: string, seq: number, id: string): SimOrder {
  const packed: Packed = JSON.parse(text);
  const [asked, amounts, filled, [status, triggered], submittedAtMs, after, links] = packed;
  const [clientOrderId, symbol, side, type, timeInForce] = asked;
  const at = (delay: number | null): number | null => (delay === null ? null : submittedAtMs + delay);
  return {
    seq,
    id,
    clientOrderId,
    symbol,
    side,
    type,
    timeInForce,
    qty: parseUnits(amounts[0]),
    limitPrice: unitsOf(amounts[1]),
    stopPrice: unitsOf(amounts[2]),
    reservePrice: parseUnits(amounts[3]),
    submittedAtMs,
    expiresAtMs: at(after[1]),
    orderClass: links?.[0] ?? 'simple',
    role: links?.[1] ?? null,
    rootSeq: links?.[2] ?? null,
    replacesSeq: links?.[3] ?? null,
    replacedBySeq: links?.[4] ?? null,
    replacedAtMs: at(links?.[5] ?? null),
    dormant: links?.[6] === 1,
    held: 0n,
    status,
    triggered: triggered === 1,
    filledQty: parseUnits(filled[0]),
    filledNotional: parseMoney(filled[1]),
    cancelDueAtMs: null,
    replacement: null,
    updatedAtMs: submittedAtMs + after[0],
    filledAtMs: at(after[2]),
    canceledAtMs: at(after[3]),
    expiredAtMs: at(after[4]),
  };
}
