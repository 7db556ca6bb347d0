import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure } from '@/server/api/trpc';
import { reasonTextSchema } from '@/server/contracts/console/common';
import { tradingStateViewSchema } from '@/server/contracts/console/system';

/** Loosens: an administrator, the password again, and a reason. */
export const release = actProcedure('release')
  .input(z.object({ reason: reasonTextSchema, password: z.string().min(1).max(256) }))
  .output(outcomeSchema({ view: tradingStateViewSchema }))
  .mutation(async ({ ctx, input }) => {
    await requirePassword(ctx.access, ctx.session, input.password);
    return toOutcome(await ctx.commands().release(ctx.actor, input.reason));
  });
