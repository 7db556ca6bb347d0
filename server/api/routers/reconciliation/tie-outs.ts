import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { tieOutListInputSchema, tieOutRowSchema } from '@/server/contracts/console/reconciliation';

export const tieOuts = viewProcedure
  .input(tieOutListInputSchema)
  .output(z.array(tieOutRowSchema))
  .query(({ ctx, input }) => ctx.reads.tieOuts(input));
