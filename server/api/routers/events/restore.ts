import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';

export const restore = actProcedure('editMarketEvents')
  .input(z.object({ id: z.uuid() }))
  .output(outcomeSchema({ status: z.literal('RESTORED') }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().restoreMarketEvent(ctx.actor, input.id)));
