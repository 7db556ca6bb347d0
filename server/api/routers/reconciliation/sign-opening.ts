import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure } from '@/server/api/trpc';

/** A person answers for what an account held when it was first seen: exactly what was shown, with the password again. */
export const signOpening = actProcedure('signOpening')
  .input(z.object({ openingId: z.uuid(), shownHash: z.string().min(1).max(200), password: z.string().min(1).max(256) }))
  .output(outcomeSchema({ status: z.literal('SIGNED') }))
  .mutation(async ({ ctx, input }) => {
    await requirePassword(ctx.access, ctx.session, input.password);
    return toOutcome(await ctx.commands().signOpening(ctx.actor, input.openingId, input.shownHash));
  });
