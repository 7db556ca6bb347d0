import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { drillDetailSchema } from '@/server/contracts/console/execution';

export const drill = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(drillDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.drill(input.id), 'drill'));
