import { z } from 'zod';
import { found } from '@/server/api/found';
import { viewProcedure } from '@/server/api/trpc';
import { orderDetailSchema } from '@/server/contracts/console/orders';

export const get = viewProcedure
  .input(z.object({ id: z.uuid() }))
  .output(orderDetailSchema)
  .query(async ({ ctx, input }) => found(await ctx.reads.order(input.id), 'order'));
