import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { reasoningOverviewSchema, reasoningRangeSchema } from '@/server/contracts/console/reasoning';

export const overview = viewProcedure
  .input(z.object({ range: reasoningRangeSchema.default('1d') }))
  .output(reasoningOverviewSchema)
  .query(({ ctx, input }) => ctx.reads.reasoning(input.range));
