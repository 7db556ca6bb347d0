import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { drillInputSchema } from '@/server/contracts/console/execution';

/** Asks the worker to rehearse the kill switch: it places orders far from the market, halts, and measures. */
export const requestDrill = actProcedure('requestDrill')
  .input(drillInputSchema)
  .output(outcomeSchema({ drillId: z.string() }))
  .mutation(async ({ ctx, input: { orders, symbol } }) =>
    toOutcome(await ctx.commands().requestDrill(ctx.actor, symbol === undefined ? { orders } : { orders, symbol })),
  );
