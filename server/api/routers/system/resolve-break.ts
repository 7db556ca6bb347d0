import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonSchema } from '@/server/contracts/text';

/** A person answers for a difference that the reconciliation could not explain. */
export const resolveBreak = actProcedure('resolveBreak')
  .input(z.object({ breakId: z.uuid(), reason: reasonSchema }))
  .output(outcomeSchema({ status: z.literal('RESOLVED') }))
  .mutation(async ({ ctx, input }) =>
    toOutcome(await ctx.commands().resolveBreak(ctx.actor, input.breakId, input.reason)),
  );
