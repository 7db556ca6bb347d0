import { viewProcedure } from '@/server/api/trpc';
import { barsInputSchema, barsSchema } from '@/server/contracts/console/market';

export const bars = viewProcedure
  .input(barsInputSchema)
  .output(barsSchema)
  .query(({ ctx, input }) => ctx.reads.chart(input.symbol, input.range));
