import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';

/** `shownHash` is the hash of what the approver saw: the server refuses when it no longer holds. */
export const approve = actProcedure('approve')
  .input(z.object({ id: z.uuid(), shownHash: z.string().min(1).max(128) }))
  .output(outcomeSchema({ orderId: z.uuid() }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().approve(ctx.actor, input.id, input.shownHash)));
