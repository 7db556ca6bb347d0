import { viewProcedure } from '@/server/api/trpc';
import { strategyListSchema } from '@/server/contracts/strategies';

export const list = viewProcedure
  .output(strategyListSchema)
  .query(async ({ ctx }) => ({ strategies: [...(await ctx.commands().strategies())] }));
