import { initTRPC, TRPCError } from '@trpc/server';
import { ACT_ROLE, roleAllows } from '@/server/auth/roles';
import type { Session } from '@/server/auth/session';
import type { Actor } from '@/server/kernel/actor';
import type { ApiContext } from './context';
import { toApiError } from './errors';

const t = initTRPC.context<ApiContext>().create({
  errorFormatter: ({ shape }) => ({
    ...shape,
    // Stack traces and paths stay on the server.
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus },
  }),
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** The one place that maps unexpected errors. */
const mapErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) {
    // tRPC wraps what a procedure throws; the original is its cause.
    const unexpected = result.error.code === 'INTERNAL_SERVER_ERROR';
    throw unexpected ? toApiError(result.error.cause ?? result.error) : result.error;
  }
  return result;
});

/** The signed-in person as the actor that commands record. */
export function actorOf(session: Session, correlationId: string): Actor {
  return { kind: 'user', principalId: session.userId, name: session.email, correlationId };
}

type Act = keyof typeof ACT_ROLE;

/** Whether any text in a JSON value has the NUL character, which the database cannot store. */
function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNul);
}

/** Stopping is never refused for its reason: these acts clean it instead. */
const STOPS: ReadonlySet<Act> = new Set(['halt', 'reduce']);

function guarded(act: Act) {
  return t.procedure.use(mapErrors).use(async ({ ctx, type, getRawInput, next }) => {
    if (ctx.session === null) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in to continue.' });
    if (type === 'mutation' && !ctx.sameOrigin) {
      throw new TRPCError({ code: 'FORBIDDEN', message: 'The request did not come from the console.' });
    }
    const needed = ACT_ROLE[act];
    if (!roleAllows(ctx.session.role, needed)) {
      throw new TRPCError({ code: 'FORBIDDEN', message: `This needs the role ${needed.toLowerCase()} or above.` });
    }
    if (!STOPS.has(act) && hasNul(await getRawInput())) {
      throw new TRPCError({ code: 'BAD_REQUEST', message: 'A text has the NUL character.' });
    }
    return next({ ctx: { ...ctx, session: ctx.session, actor: actorOf(ctx.session, ctx.correlationId) } });
  });
}

/** A read, for any signed-in user. */
export const viewProcedure = guarded('view');

/** A change, sent by the console's own pages, for users whose role allows the act. */
export function actProcedure(act: Exclude<Act, 'view'>) {
  return guarded(act);
}
