import { z } from 'zod';
import { actProcedure } from '@/server/api/trpc';
import { eventCsvSchema, eventImportSchema } from '@/server/contracts/console/market-events';

/** With `dryRun` nothing is stored: it is what the preview shows. */
export const importFile = actProcedure('editMarketEvents')
  .input(z.object({ csv: eventCsvSchema, dryRun: z.boolean() }))
  .output(eventImportSchema)
  .mutation(({ ctx, input }) => ctx.commands().importMarketEvents(ctx.actor, input.csv, { dryRun: input.dryRun }));
