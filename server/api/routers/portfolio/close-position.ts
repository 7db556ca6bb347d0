import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import { symbolSchema } from '@/server/contracts/symbol';

export const closePosition = actProcedure('closePosition')
  .input(z.object({ symbol: symbolSchema, reason: reasonTextSchema }))
  .output(outcomeSchema({ orderId: z.string() }))
  .mutation(async ({ ctx, input }) =>
    toOutcome(await ctx.commands().closePosition(ctx.actor, input.symbol, input.reason)),
  );
