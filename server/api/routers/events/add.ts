import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { newMarketEventSchema } from '@/server/contracts/console/market-events';

export const add = actProcedure('editMarketEvents')
  .input(newMarketEventSchema)
  .output(outcomeSchema({ id: z.string() }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().addMarketEvent(ctx.actor, input)));
