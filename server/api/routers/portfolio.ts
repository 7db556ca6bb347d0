import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import { curveRangeSchema, curveSchema, portfolioSchema } from '@/server/contracts/console/portfolio';
import { symbolSchema } from '@/server/contracts/symbol';

export const portfolioRouter = router({
  get: viewProcedure.output(portfolioSchema).query(({ ctx }) => ctx.reads.portfolio()),

  curve: viewProcedure
    .input(z.object({ range: curveRangeSchema }))
    .output(curveSchema)
    .query(({ ctx, input }) => ctx.reads.curve(input.range)),

  closePosition: actProcedure('closePosition')
    .input(z.object({ symbol: symbolSchema, reason: reasonTextSchema }))
    .output(outcomeSchema({ exitId: z.string() }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().closePosition(ctx.actor, input.symbol, input.reason)),
    ),

  withdrawExit: actProcedure('withdrawExit')
    .input(z.object({ exitId: z.uuid(), reason: reasonTextSchema }))
    .output(outcomeSchema({ status: z.literal('WITHDRAWN') }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().withdrawExit(ctx.actor, input.exitId, input.reason)),
    ),
});
