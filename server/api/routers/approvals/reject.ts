import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';

export const reject = actProcedure('reject')
  .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
  .output(outcomeSchema({ status: z.literal('REJECTED') }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().reject(ctx.actor, input.id, input.reason)));
