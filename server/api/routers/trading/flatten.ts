import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';

/** Sells everything that is held, at the market. */
export const flatten = actProcedure('flatten')
  .input(z.object({ reason: reasonTextSchema, confirm: z.literal('FLATTEN') }))
  .output(outcomeSchema({ orderIds: z.array(z.string()).readonly() }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().flattenAll(ctx.actor, input.reason)));
