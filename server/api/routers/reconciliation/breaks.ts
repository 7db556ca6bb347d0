import { viewProcedure } from '@/server/api/trpc';
import { breakListInputSchema, breakListSchema } from '@/server/contracts/console/reconciliation';

export const breaks = viewProcedure
  .input(breakListInputSchema)
  .output(breakListSchema)
  .query(({ ctx, input }) => ctx.reads.breaks(input));
