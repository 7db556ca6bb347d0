import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { botListSchema } from '@/server/contracts/console/bots';
import { reasonSchema } from '@/server/contracts/text';

export const botsRouter = router({
  list: viewProcedure.output(botListSchema).query(({ ctx }) => ctx.reads.bots()),

  /** Revokes its token, cancels its open orders and rejects its waiting requests. */
  stop: actProcedure('stopBot')
    .input(z.object({ id: z.uuid(), reason: reasonSchema }))
    .output(outcomeSchema({ cancelled: z.number().int() }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().stopBot(ctx.actor, input.id, input.reason))),
});
