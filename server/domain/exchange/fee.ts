import type { Money, Units } from '@/server/kernel/money';

export interface FeeSchedule {
  readonly feePerShare: Units;
  /** Least fee of one fill. */
  readonly feeMin: Money;
}

/** Fee of one fill: `max(fee_min, fee_per_share x qty)`, exact. Nothing traded costs nothing. */
export function feeOf(schedule: FeeSchedule, qty: Units): Money {
  if (qty === 0n) return 0n;
  const byShare = schedule.feePerShare * qty;
  return byShare > schedule.feeMin ? byShare : schedule.feeMin;
}
