import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import {
  orderDetailSchema,
  orderListInputSchema,
  orderListSchema,
  orderRowsPageSchema,
} from '@/server/contracts/order';

export const ordersRouter = router({
  list: viewProcedure
    .input(orderListInputSchema)
    .output(orderListSchema)
    .query(({ ctx, input }) => ctx.reads.orders(input)),

  /** A further page, read once: no event makes it stale. */
  page: viewProcedure
    .input(orderListInputSchema)
    .output(orderRowsPageSchema)
    .query(({ ctx, input }) => ctx.reads.ordersPage(input)),

  get: viewProcedure
    .input(z.object({ id: z.uuid() }))
    .output(orderDetailSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.order(input.id), 'order')),

  /** Requests the cancel of each for one reason; each has its own outcome. */
  cancelMany: actProcedure('cancelOrder')
    .input(z.object({ ids: z.array(z.uuid()).min(1).max(200), reason: reasonTextSchema }))
    .output(z.array(z.object({ id: z.uuid(), outcome: outcomeSchema({ status: z.string() }) })))
    .mutation(async ({ ctx, input }) => {
      const commands = ctx.commands();
      const results = [];
      for (const id of new Set(input.ids)) {
        results.push({ id, outcome: toOutcome(await commands.cancelOrder(ctx.actor, id, input.reason)) });
      }
      return results;
    }),

  cancel: actProcedure('cancelOrder')
    .input(z.object({ id: z.uuid(), reason: reasonTextSchema }))
    .output(outcomeSchema({ status: z.string() }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().cancelOrder(ctx.actor, input.id, input.reason))),
});
