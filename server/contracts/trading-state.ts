import { z } from 'zod';
import { tradingCauseSchema, tradingStateSchema } from '@/server/kernel/vocabulary';
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
  /** Why trading is not ACTIVE, oldest first: the state is the strictest of them. Empty while ACTIVE. */
  causes: z.array(
    z.object({
      cause: tradingCauseSchema,
      state: tradingStateSchema.exclude(['ACTIVE']),
      reason: z.string(),
      opened_by: z.string(),
      opened_at: instantSchema,
      /** Each of these ends it. A release ends every open cause. */
      ended_by: z.array(z.enum(['RELEASE', 'NEXT_SESSION'])),
    }),
  ),
});
export type TradingStateBody = z.output<typeof tradingStateBodySchema>;
