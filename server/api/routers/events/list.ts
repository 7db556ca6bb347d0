import { viewProcedure } from '@/server/api/trpc';
import { marketEventListInputSchema, marketEventListSchema } from '@/server/contracts/console/market-events';

export const list = viewProcedure
  .input(marketEventListInputSchema)
  .output(marketEventListSchema)
  .query(({ ctx, input }) => ctx.reads.marketEvents(input));
