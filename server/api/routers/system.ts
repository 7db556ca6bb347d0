import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { alertListInputSchema, alertListSchema } from '@/server/contracts/console/execution';
import { overviewSchema } from '@/server/contracts/console/overview';
import { auditListSchema, statusSchema, systemDetailSchema } from '@/server/contracts/console/system';

export const systemRouter = router({
  status: viewProcedure.output(statusSchema).query(async ({ ctx }) => {
    const [status, trading] = await Promise.all([ctx.reads.status(), ctx.commands().tradingState()]);
    return { ...status, trading };
  }),

  overview: viewProcedure.output(overviewSchema).query(({ ctx }) => ctx.reads.overview()),

  detail: viewProcedure.output(systemDetailSchema).query(({ ctx }) => ctx.reads.system()),

  alerts: viewProcedure
    .input(alertListInputSchema)
    .output(alertListSchema)
    .query(({ ctx, input }) => ctx.reads.alerts(input)),

  acknowledgeAlert: actProcedure('acknowledgeAlert')
    .input(z.object({ id: z.uuid() }))
    .output(outcomeSchema({ status: z.literal('ACKNOWLEDGED') }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().acknowledgeAlert(ctx.actor, input.id))),

  audit: viewProcedure
    .input(
      z.object({
        before: z
          .string()
          .regex(/^\d{1,18}$/)
          .nullable()
          .default(null),
        limit: z.number().int().min(1).max(200).default(100),
      }),
    )
    .output(auditListSchema)
    .query(({ ctx, input }) => ctx.reads.audit(input.before, input.limit)),
});
