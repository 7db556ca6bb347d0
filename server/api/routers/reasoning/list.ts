import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { memoListInputSchema, memoRowSchema } from '@/server/contracts/console/reasoning';

export const list = viewProcedure
  .input(memoListInputSchema)
  .output(z.array(memoRowSchema))
  .query(({ ctx, input }) => ctx.reads.memos(input));
