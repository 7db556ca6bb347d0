import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { approvalDetailSchema, approvalListSchema } from '@/server/contracts/console/approvals';
import { decimalText, instant, reasonTextSchema } from '@/server/contracts/console/common';

export const approvalsRouter = router({
  list: viewProcedure.output(approvalListSchema).query(({ ctx }) => ctx.reads.approvals()),

  get: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(approvalDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.approval(input.id), 'approval')),

  /**
   * `shownHash` is the hash of what the approver saw; the server refuses if it has changed. `less` takes off shares, or makes the
   * limit tighter.
   */
  approve: actProcedure('approve')
    .input(
      z.object({
        id: z.uuid(),
        shownHash: z.string().min(1).max(128),
        /** Needed where a person who works alone approves their own request from M2 on. */
        password: z.string().max(1_000).optional(),
        less: z.strictObject({ qty: decimalText.optional(), limitPrice: decimalText.optional() }).default({}),
      }),
    )
    .output(outcomeSchema({ orderId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      const { id, shownHash, less, password } = input;
      if (password !== undefined) await requirePassword(ctx.access, ctx.session, password);
      return toOutcome(await ctx.commands().approve(ctx.actor, id, shownHash, less, password !== undefined));
    }),

  /** Whether approving would be refused at this moment, and by which rules. Asked while an approval is open in the console. */
  check: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(outcomeSchema({ checkedAt: instant, exposureAfter: decimalText.nullable() }))
    .query(async ({ ctx, input }) => toOutcome(await ctx.commands().checkApproval(ctx.actor, input.id))),

  /** Rejects several for one reason; each has its own outcome. */
  rejectMany: actProcedure('reject')
    .input(z.object({ ids: z.array(z.uuid()).min(1).max(200), reason: reasonTextSchema }))
    .output(z.array(z.object({ id: z.uuid(), outcome: outcomeSchema({ status: z.literal('REJECTED') }) })))
    .mutation(async ({ ctx, input }) => {
      const results = await ctx.commands().rejectMany(ctx.actor, input.ids, input.reason);
      return results.map(({ approvalId: id, outcome }) => ({ id, outcome: toOutcome(outcome) }));
    }),

  reject: actProcedure('reject')
    .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
    .output(outcomeSchema({ status: z.literal('REJECTED') }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().reject(ctx.actor, input.id, input.reason))),
});
