import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { marketDetailSchema, symbolInputSchema } from '@/server/contracts/console/market';

export const symbol = viewProcedure
  .input(symbolInputSchema)
  .output(marketDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.marketSymbol(input.symbol), 'symbol'));
