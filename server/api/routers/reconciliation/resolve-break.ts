import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { ACT_ROLE, roleAllows } from '@/server/auth/roles';
import { shownFiguresSchema } from '@/server/contracts/console/reconciliation';
import { reasonSchema } from '@/server/contracts/text';

/**
 * A person answers for a difference that the reconciliation could not explain. With `accept`, for an administrator, the
 * broker's figures are booked: exactly those that were shown. Without it nothing is.
 */
export const resolveBreak = actProcedure('resolveBreak')
  .input(z.object({ breakId: z.uuid(), reason: reasonSchema, accept: shownFiguresSchema.nullable().default(null) }))
  .output(outcomeSchema({ status: z.literal('RESOLVED') }))
  .mutation(async ({ ctx, input: { breakId, reason, accept } }) => {
    if (accept !== null && !roleAllows(ctx.session.role, ACT_ROLE.acceptBreak)) {
      throw new TRPCError({ code: 'FORBIDDEN', message: "Accepting the broker's figures needs the role admin." });
    }
    const options = accept === null ? {} : { accept: true, shown: accept };
    return toOutcome(await ctx.commands().resolveBreak(ctx.actor, breakId, reason, options));
  });
