import { found } from '@/server/api/found';
import { router, viewProcedure } from '@/server/api/trpc';
import {
  barsInputSchema,
  barsSchema,
  marketDetailSchema,
  marketListSchema,
  symbolInputSchema,
} from '@/server/contracts/console/market';

export const marketRouter = router({
  list: viewProcedure.output(marketListSchema).query(({ ctx }) => ctx.reads.market()),

  symbol: viewProcedure
    .input(symbolInputSchema)
    .output(marketDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.marketSymbol(input.symbol), 'symbol')),

  bars: viewProcedure
    .input(barsInputSchema)
    .output(barsSchema)
    .query(({ ctx, input }) => ctx.reads.chart(input.symbol, input.range)),
});
