import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { tradingStateViewSchema } from '@/server/contracts/console/system';

/** The reason may be left out: stopping must not wait for words. */
export const halt = actProcedure('halt')
  .input(z.object({ reason: z.string().trim().max(500).default('') }))
  .output(outcomeSchema({ view: tradingStateViewSchema }))
  .mutation(async ({ ctx, input }) =>
    toOutcome(await ctx.commands().halt(ctx.actor, input.reason === '' ? 'no reason given' : input.reason)),
  );
