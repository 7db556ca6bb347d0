import { viewProcedure } from '@/server/api/trpc';
import { statusSchema } from '@/server/contracts/console/system';

export const status = viewProcedure.output(statusSchema).query(async ({ ctx }) => {
  const [status, trading] = await Promise.all([ctx.reads.status(), ctx.commands().tradingState()]);
  return { ...status, trading };
});
