import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { decisionListInputSchema, decisionRowSchema } from '@/server/contracts/console/policy';

export const decisions = viewProcedure
  .input(decisionListInputSchema)
  .output(z.array(decisionRowSchema))
  .query(({ ctx, input }) => ctx.reads.decisions(input));
