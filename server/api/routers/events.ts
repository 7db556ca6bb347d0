import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import {
  eventCsvSchema,
  eventImportSchema,
  marketEventListInputSchema,
  marketEventListSchema,
  newMarketEventSchema,
} from '@/server/contracts/console/market-events';

export const eventsRouter = router({
  list: viewProcedure
    .input(marketEventListInputSchema)
    .output(marketEventListSchema)
    .query(({ ctx, input }) => ctx.reads.marketEvents(input)),

  add: actProcedure('editMarketEvents')
    .input(newMarketEventSchema)
    .output(outcomeSchema({ id: z.string() }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().addMarketEvent(ctx.actor, input))),

  remove: actProcedure('editMarketEvents')
    .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
    .output(outcomeSchema({ status: z.literal('REMOVED') }))
    .mutation(async ({ ctx, input }) =>
      toOutcome(await ctx.commands().removeMarketEvent(ctx.actor, input.id, input.reason)),
    ),

  restore: actProcedure('editMarketEvents')
    .input(z.object({ id: z.uuid() }))
    .output(outcomeSchema({ status: z.literal('RESTORED') }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().restoreMarketEvent(ctx.actor, input.id))),

  /** With `dryRun` nothing is stored; the preview uses it. */
  importFile: actProcedure('editMarketEvents')
    .input(z.object({ csv: eventCsvSchema, dryRun: z.boolean() }))
    .output(eventImportSchema)
    .mutation(({ ctx, input }) => ctx.commands().importMarketEvents(ctx.actor, input.csv, { dryRun: input.dryRun })),
});
