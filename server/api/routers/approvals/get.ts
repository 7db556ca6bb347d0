import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { approvalDetailSchema } from '@/server/contracts/console/approvals';

export const get = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(approvalDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.approval(input.id), 'approval'));
