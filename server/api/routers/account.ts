import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { requirePassword } from '@/server/api/require-password';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { changePassword } from '@/server/auth/change-password';
import { SESSION_IDLE_MS } from '@/server/auth/cookie';
import { ownSessionSchema } from '@/server/contracts/console/account';

/** What every user may do about their own account. */
export const accountRouter = router({
  sessions: viewProcedure.output(z.array(ownSessionSchema)).query(async ({ ctx }) => {
    const { access, session } = ctx;
    const sessions = await access.sessionsOf(session.userId, new Date(Date.now() - SESSION_IDLE_MS));
    return sessions.map(({ id, createdAt, seenAt, address, agent }) => ({
      id,
      current: id === session.id,
      createdAt: createdAt.toISOString(),
      seenAt: seenAt.toISOString(),
      address,
      agent,
    }));
  }),

  /** Needs the present password. Every session ends, this one too. */
  changePassword: actProcedure('changeOwnPassword')
    .input(z.object({ password: z.string().max(1_000), next: z.string().max(1_000) }))
    .output(outcomeSchema({ status: z.literal('CHANGED') }))
    .mutation(async ({ ctx, input }) => {
      const { access, actor, session } = ctx;
      await requirePassword(access, session, input.password);
      const outcome = await changePassword(access, actor, session, input.next);
      ctx.forgetSession(session.id);
      return toOutcome(outcome);
    }),

  /** Ends every session of the person but the one that asks. Other processes notice within 3 s. */
  endOtherSessions: actProcedure('endOwnSessions')
    .output(z.object({ ended: z.number().int() }))
    .mutation(async ({ ctx }) => {
      const { access, session, source } = ctx;
      const ended = await access.endSessions(session.userId, { except: session.id }, session.email);
      const target = `sessions of ${session.email}: ${ended} ended`;
      if (ended > 0)
        await access.record({ actor: session.email, action: 'access.session.ended', target, from: source });
      return { ended };
    }),
});
