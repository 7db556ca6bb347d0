import { randomUUID } from 'node:crypto';
import { isUnavailable } from '@/server/application/is-unavailable';
import { type Endpoint, type Method, pathNames } from './endpoint';
import { ProblemError, problemResponse } from './problem';
import type { RestServices } from './services';

/** A Next route handler. */
export type Handler = (request: Request, context: { readonly params: Promise<unknown> }) => Promise<Response>;

/** Next answers HEAD from GET by itself. */
export interface RouteHandlers {
  readonly GET: Handler;
  readonly POST: Handler;
  readonly PUT: Handler;
  readonly PATCH: Handler;
  readonly DELETE: Handler;
  readonly OPTIONS: Handler;
}

type Services = () => RestServices;

/** A request id that a client or proxy sent is taken over when it is harmless to log. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Route handlers for one path: the endpoints given; any other method is a 405 that names those that there are. */
export function routeHandlers(services: Services, ...endpoints: readonly Endpoint[]): RouteHandlers {
  const byMethod: Partial<Record<Method, Handler>> = {};
  for (const target of endpoints) byMethod[target.method] = serve(target, services);
  return withRefusals(byMethod);
}

/** Route handlers of a path that only answers GET and needs no token. */
export function getOnly(answer: () => Promise<Response>): RouteHandlers {
  return withRefusals({
    GET: guarded(
      () => answer(),
      () => undefined,
    ),
  });
}

/** Route handlers for every address that this API does not have. */
export function notFoundHandlers(): RouteHandlers {
  const refuse: Handler = async (request) =>
    problemResponse(
      new ProblemError('NOT_FOUND', 'There is no such address; see /v1/openapi.json'),
      requestIdOf(request),
    );
  return { GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse, OPTIONS: refuse };
}

function withRefusals(handlers: Partial<Record<Method, Handler>>): RouteHandlers {
  const allowed = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const headers = { allow: [...allowed, 'OPTIONS'].join(', ') };
  const refuse: Handler = async (request) =>
    problemResponse(
      new ProblemError('METHOD_NOT_ALLOWED', `This address answers ${headers.allow}`, { headers }),
      requestIdOf(request),
    );
  const { GET = refuse, POST = refuse, PUT = refuse, DELETE = refuse } = handlers;
  const list: Handler = async () => new Response(null, { status: 204, headers });
  return { GET, POST, PUT, PATCH: refuse, DELETE, OPTIONS: list };
}

/** One request through one endpoint. */
function serve(target: Endpoint, services: Services): Handler {
  const names = pathNames(target.path);
  return guarded(
    async (request, context, requestId) =>
      target.respond(request, await pathValues(context, names), services(), requestId),
    (error, requestId) => services().onFault(error, requestId),
  );
}

type Answering = (
  request: Request,
  context: { readonly params: Promise<unknown> },
  requestId: string,
) => Promise<Response>;

/** Whatever happens below, a response comes out, and it carries the request's id. */
function guarded(answer: Answering, onFault: (error: unknown, requestId: string) => void): Handler {
  return async (request, context) => {
    const requestId = requestIdOf(request);
    try {
      const response = await answer(request, context, requestId);
      response.headers.set('x-request-id', requestId);
      return response;
    } catch (error) {
      return problemResponse(toProblem(error, requestId, onFault), requestId);
    }
  };
}

function toProblem(
  error: unknown,
  requestId: string,
  onFault: (error: unknown, requestId: string) => void,
): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isUnavailable(error)) {
    const detail = 'The database does not answer, or is overloaded. Repeat the same request in a moment.';
    return new ProblemError('UNAVAILABLE', detail, { headers: { 'retry-after': '1' } });
  }
  try {
    onFault(error, requestId);
  } catch {
    // Services that cannot be built are the fault itself; the answer still has to be given.
  }
  return new ProblemError(
    'INTERNAL',
    'The request was not carried out as expected; the log has the cause under its request id.',
  );
}

/** The parts of the address that stand for `{name}` in the path, by name. */
async function pathValues(
  context: { readonly params: Promise<unknown> },
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (names.length === 0) return {};
  const params = await context.params;
  if (typeof params !== 'object' || params === null) return {};
  return Object.fromEntries(
    names.map((name) => {
      const value: unknown = Reflect.get(params, name);
      return [name, typeof value === 'string' ? value : ''];
    }),
  );
}

function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : randomUUID();
}
