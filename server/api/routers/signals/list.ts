import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { signalListInputSchema, signalRowSchema } from '@/server/contracts/console/policy';

export const list = viewProcedure
  .input(signalListInputSchema)
  .output(z.array(signalRowSchema))
  .query(({ ctx, input }) => ctx.reads.signals(input));
