import { z } from 'zod';
import { tradingStateSchema } from '@/server/kernel/vocabulary';
import { instantSchema, reasonSchema } from './text';

/** Body of POST /v1/trading-state. `release` is understood, and refused: it is a person's act, in the console. */
export const changeTradingStateSchema = z.strictObject({
  action: z.enum(['halt', 'reduce', 'release']),
  reason: reasonSchema,
});

/** Whether the stack may trade, and how far the halt in force has got. */
export const tradingStateBodySchema = z.object({
  state: tradingStateSchema,
  version: z.string(),
  changed_at: instantSchema,
  changed_by: z.string(),
  reason: z.string(),
  /** Null unless HALTED. Acknowledged: nothing but cancels leaves any more. Verified: nothing works at the broker. */
  halt: z
    .object({
      id: z.uuid(),
      requested_at: instantSchema,
      acknowledged_at: instantSchema.nullable(),
      verified_at: instantSchema.nullable(),
      progress: z.record(z.string(), z.unknown()),
    })
    .nullable(),
});
export type TradingStateBody = z.output<typeof tradingStateBodySchema>;
