import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { breakDetailSchema } from '@/server/contracts/console/reconciliation';

export const breakDetail = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(breakDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.break(input.id), 'break'));
