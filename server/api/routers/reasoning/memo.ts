import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { memoEvidenceSchema } from '@/server/contracts/console/memo';

export const memo = viewProcedure
  .input(z.object({ signalId: z.uuid() }))
  .output(memoEvidenceSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.memo(input.signalId), 'memo'));
