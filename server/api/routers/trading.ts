import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import {
  drillDetailSchema,
  drillInputSchema,
  drillListInputSchema,
  drillRowSchema,
} from '@/server/contracts/console/execution';
import { tradingStateViewSchema } from '@/server/contracts/console/system';

/** A reason for stopping: cleaned and shortened, never refused. */
const stopReasonSchema = z
  .string()
  .default('')
  .transform((text) =>
    text
      .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .trim()
      .slice(0, 500)
      .replaceAll(/\p{Cs}/gu, ''),
  );

export const tradingRouter = router({
  state: viewProcedure.output(tradingStateViewSchema).query(({ ctx }) => ctx.commands().tradingState()),

  /** The reason is optional, so that stopping is never delayed. */
  halt: actProcedure('halt')
    .input(z.object({ reason: stopReasonSchema }))
    .output(outcomeSchema({ view: tradingStateViewSchema }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().halt(ctx.actor, input.reason === '' ? 'no reason given' : input.reason)),
    ),

  /** The reason is optional, so that stopping is never delayed. */
  reduce: actProcedure('reduce')
    .input(z.object({ reason: stopReasonSchema }))
    .output(outcomeSchema({ view: tradingStateViewSchema }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().reduce(ctx.actor, input.reason === '' ? 'no reason given' : input.reason)),
    ),

  /** Lets trading resume: needs an administrator, the password again, and a reason. */
  release: actProcedure('release')
    .input(z.object({ reason: reasonTextSchema, password: z.string().min(1).max(256) }))
    .output(outcomeSchema({ view: tradingStateViewSchema }))
    .mutation(async ({ ctx, input }) => {
      await requirePassword(ctx.access, ctx.session, input.password);
      return toOutcome(await ctx.commands().release(ctx.actor, input.reason));
    }),

  /** Closes every position. */
  flatten: actProcedure('flatten')
    .input(z.object({ reason: reasonTextSchema, confirm: z.literal('FLATTEN') }))
    .output(outcomeSchema({ exitIds: z.array(z.string()).readonly() }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().flattenAll(ctx.actor, input.reason))),

  drills: viewProcedure
    .input(drillListInputSchema)
    .output(z.array(drillRowSchema))
    .query(({ ctx, input }) => ctx.reads.drills(input)),

  drill: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(drillDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.drill(input.id), 'drill')),

  /** Requests a drill of the kill switch: the worker places orders far from the market, halts, and measures. */
  requestDrill: actProcedure('requestDrill')
    .input(drillInputSchema)
    .output(outcomeSchema({ drillId: z.string() }))
    .mutation(async ({ ctx, input: { orders, symbol } }) =>
      toOutcome(await ctx.commands().requestDrill(ctx.actor, symbol === undefined ? { orders } : { orders, symbol })),
    ),
});
