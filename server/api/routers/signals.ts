import { z } from 'zod';
import { found } from '@/server/api/found';
import { router, viewProcedure } from '@/server/api/trpc';
import { signalDetailSchema, signalListInputSchema, signalListSchema } from '@/server/contracts/console/policy';

export const signalsRouter = router({
  list: viewProcedure
    .input(signalListInputSchema)
    .output(signalListSchema)
    .query(({ ctx, input }) => ctx.reads.signals(input)),

  get: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(signalDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.signal(input.id), 'signal')),
});
