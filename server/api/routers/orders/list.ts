import { viewProcedure } from '@/server/api/trpc';
import { orderListInputSchema, orderListSchema } from '@/server/contracts/console/orders';

export const list = viewProcedure
  .input(orderListInputSchema)
  .output(orderListSchema)
  .query(({ ctx, input }) => ctx.reads.orders(input));
