import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';

export const remove = actProcedure('editMarketEvents')
  .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
  .output(outcomeSchema({ status: z.literal('REMOVED') }))
  .mutation(async ({ ctx, input }) =>
    toOutcome(await ctx.commands().removeMarketEvent(ctx.actor, input.id, input.reason)),
  );
