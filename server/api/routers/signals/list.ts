import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { signalRowSchema } from '@/server/contracts/console/policy';

export const list = viewProcedure
  .input(z.object({ limit: z.number().int().min(1).max(500).default(200) }))
  .output(z.array(signalRowSchema))
  .query(({ ctx, input }) => ctx.reads.signals(input.limit));
