import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';

/** Asks the worker to compare both sides now and to keep the report. */
export const requestTieOut = actProcedure('requestTieOut')
  .output(outcomeSchema({ tieOutId: z.string() }))
  .mutation(async ({ ctx }) => toOutcome(await ctx.commands().requestTieOut(ctx.actor)));
