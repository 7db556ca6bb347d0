import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonSchema } from '@/server/contracts/text';

/**
 * A person answers for a difference that the reconciliation could not explain. With `accept` the broker's figures are
 * booked; without it nothing is.
 */
export const resolveBreak = actProcedure('resolveBreak')
  .input(z.object({ breakId: z.uuid(), reason: reasonSchema, accept: z.boolean().default(false) }))
  .output(outcomeSchema({ status: z.literal('RESOLVED') }))
  .mutation(async ({ ctx, input: { breakId, reason, accept } }) =>
    toOutcome(await ctx.commands().resolveBreak(ctx.actor, breakId, reason, { accept })),
  );
