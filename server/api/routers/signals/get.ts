import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { signalDetailSchema } from '@/server/contracts/console/policy';

export const get = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(signalDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.signal(input.id), 'signal'));
