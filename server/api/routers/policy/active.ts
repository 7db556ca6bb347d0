import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { activePolicySchema } from '@/server/contracts/console/policy';

export const active = viewProcedure
  .output(activePolicySchema)
  .query(async ({ ctx }) => found(await ctx.reads.activePolicy(), 'policy: the database was not seeded'));
