import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import { orderDetailSchema, orderListInputSchema, orderListSchema } from '@/server/contracts/order';

export const ordersRouter = router({
  list: viewProcedure
    .input(orderListInputSchema)
    .output(orderListSchema)
    .query(({ ctx, input }) => ctx.reads.orders(input)),

  get: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(orderDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.order(input.id), 'order')),

  cancel: actProcedure('cancelOrder')
    .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
    .output(outcomeSchema({ status: z.string() }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().cancelOrder(ctx.actor, input.id, input.reason))),
});
