import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { drillListInputSchema, drillRowSchema } from '@/server/contracts/console/execution';

export const drills = viewProcedure
  .input(drillListInputSchema)
  .output(z.array(drillRowSchema))
  .query(({ ctx, input }) => ctx.reads.drills(input));
