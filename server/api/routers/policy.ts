import { found } from '@/server/api/found';
import { router, viewProcedure } from '@/server/api/trpc';
import { activePolicySchema, decisionListInputSchema, decisionListSchema } from '@/server/contracts/console/policy';

export const policyRouter = router({
  active: viewProcedure
    .output(activePolicySchema)
    .query(async ({ ctx }) => found(await ctx.reads.activePolicy(), 'policy: the database was not seeded')),

  decisions: viewProcedure
    .input(decisionListInputSchema)
    .output(decisionListSchema)
    .query(({ ctx, input }) => ctx.reads.decisions(input)),
});
