import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { tieOutDetailSchema } from '@/server/contracts/console/reconciliation';

export const tieOut = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(tieOutDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.tieOut(input.id), 'tie-out'));
