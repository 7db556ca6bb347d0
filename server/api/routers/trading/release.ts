import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { confirmPassword } from '@/server/auth/step-up';
import { reasonTextSchema } from '@/server/contracts/console/common';
import { tradingStateViewSchema } from '@/server/contracts/console/system';

/** Loosens: an administrator, the password again, and a reason. */
export const release = actProcedure('release')
  .input(z.object({ reason: reasonTextSchema, password: z.string().min(1).max(256) }))
  .output(outcomeSchema({ view: tradingStateViewSchema }))
  .mutation(async ({ ctx, input }) => {
    const confirmed = await confirmPassword(ctx.access, ctx.session, input.password);
    if (!confirmed.ok) {
      throw new TRPCError({
        code: 'FORBIDDEN',
        message: 'The password is not right, or there were too many attempts: then wait 15 minutes.',
      });
    }
    return toOutcome(await ctx.commands().release(ctx.actor, input.reason));
  });
