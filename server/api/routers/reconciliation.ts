import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { ACT_ROLE, roleAllows } from '@/server/auth/roles';
import {
  breakDetailSchema,
  breakListInputSchema,
  breakListSchema,
  reconciliationSchema,
  shownFiguresSchema,
  tieOutDetailSchema,
  tieOutListInputSchema,
  tieOutRowSchema,
} from '@/server/contracts/console/reconciliation';
import { reasonSchema } from '@/server/contracts/text';

export const reconciliationRouter = router({
  get: viewProcedure.output(reconciliationSchema).query(({ ctx }) => ctx.reads.reconciliation()),

  breaks: viewProcedure
    .input(breakListInputSchema)
    .output(breakListSchema)
    .query(({ ctx, input }) => ctx.reads.breaks(input)),

  break: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(breakDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.break(input.id), 'break')),

  /**
   * Closes a difference that the reconciliation could not explain. With `accept`, which needs an administrator, exactly the
   * broker's figures that were shown are booked; without it nothing is booked.
   */
  resolveBreak: actProcedure('resolveBreak')
    .input(z.object({ breakId: z.uuid(), reason: reasonSchema, accept: shownFiguresSchema.nullable().default(null) }))
    .output(outcomeSchema({ status: z.literal('RESOLVED') }))
    .mutation(async ({ ctx, input: { breakId, reason, accept } }) => {
      if (accept !== null && !roleAllows(ctx.session.role, ACT_ROLE.acceptBreak)) {
        throw new TRPCError({ code: 'FORBIDDEN', message: "Accepting the broker's figures needs the role admin." });
      }
      const options = accept === null ? {} : { accept: true, shown: accept };
      return toOutcome(await ctx.commands().resolveBreak(ctx.actor, breakId, reason, options));
    }),

  /** Ends an order that is live here and that the broker does not know. */
  closeUnknownOrder: actProcedure('closeUnknownOrder')
    .input(z.object({ orderId: z.uuid(), reason: reasonSchema }))
    .output(outcomeSchema({ status: z.literal('CANCELLED') }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().closeUnknownOrder(ctx.actor, input.orderId, input.reason)),
    ),

  /** Signs an account's opening balances, exactly as shown. Requires the password again. */
  signOpening: actProcedure('signOpening')
    .input(
      z.object({ openingId: z.uuid(), shownHash: z.string().min(1).max(200), password: z.string().min(1).max(256) }),
    )
    .output(outcomeSchema({ status: z.literal('SIGNED') }))
    .mutation(async ({ ctx, input }) => {
      await requirePassword(ctx.access, ctx.session, input.password);
      return toOutcome(await ctx.commands().signInitialBalances(ctx.actor, input.openingId, input.shownHash));
    }),

  tieOuts: viewProcedure
    .input(tieOutListInputSchema)
    .output(z.array(tieOutRowSchema))
    .query(({ ctx, input }) => ctx.reads.tieOuts(input)),

  tieOut: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(tieOutDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.tieOut(input.id), 'tie-out')),

  /** Requests a tie-out: the worker compares both sides and stores the report. */
  requestTieOut: actProcedure('requestTieOut')
    .output(outcomeSchema({ tieOutId: z.string() }))
    .mutation(async ({ ctx }) => toOutcome(await ctx.commands().requestTieOut(ctx.actor))),
});
