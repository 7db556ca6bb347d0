import { randomUUID } from 'node:crypto';
import { isDatabaseUnavailable } from '@/server/composition/database-fault';
import type { Endpoint, Method } from './endpoint';
import { ProblemError, problemResponse } from './problem';
import type { RestServices } from './services';

/** Answers any request; a Next.js route handler for every method. */
export type Handler = (request: Request) => Promise<Response>;

type Services = () => RestServices;
type Parameters = Readonly<Record<string, string>>;
type Answer = (request: Request, parameters: Parameters, requestId: string) => Promise<Response>;

/** One address, such as `/v1/orders/{id}`, and what it answers. */
interface Address {
  readonly segments: readonly string[];
  readonly methods: Map<string, Answer>;
}

/** A GET address that needs no token, by path. */
export type OpenAddresses = Readonly<Record<string, () => Promise<Response>>>;

/** A request id from a client or proxy is kept if it is safe to log. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const VARIABLE = /^\{(\w+)\}$/;

/**
 * The HTTP face of the endpoints: finds the one for a request's address and method and always answers, with the request's
 * id. 404 for an unknown address, 405 for an unknown method, 503 while the database is away, 500 for anything unforeseen.
 */
export function createRestHandler(
  services: Services,
  endpoints: readonly Endpoint[],
  openAddresses: OpenAddresses = {},
): Handler {
  const addresses = new Map<string, Address>();
  const add = (path: string, method: Method, answer: Answer) => {
    const address = addresses.get(path) ?? { segments: path.split('/'), methods: new Map() };
    addresses.set(path, address);
    address.methods.set(method, answer);
  };
  for (const endpoint of endpoints)
    add(endpoint.path, endpoint.method, (request, parameters, requestId) =>
      endpoint.respond(request, parameters, services(), requestId),
    );
  for (const [path, answer] of Object.entries(openAddresses)) add(path, 'GET', answer);
  // A literal segment wins over a variable: /v1/signals/generate is not /v1/signals/{id}.
  const variables = ({ segments }: Address) => segments.filter((segment) => VARIABLE.test(segment)).length;
  const ordered = [...addresses.values()].sort((a, b) => variables(a) - variables(b));

  return async (request) => {
    const requestId = requestIdOf(request);
    try {
      const response = await route(ordered, request, requestId);
      response.headers.set('x-request-id', requestId);
      return response;
    } catch (error) {
      return problemResponse(toProblem(error, requestId, services), requestId);
    }
  };
}

async function route(addresses: readonly Address[], request: Request, requestId: string): Promise<Response> {
  const given = segmentsOf(request.url);
  for (const { segments, methods } of addresses) {
    const parameters = given === null ? null : match(segments, given);
    if (parameters === null) continue;
    const headers = { allow: allowedMethods(methods) };
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers });
    // HEAD is a GET whose body the server leaves out.
    const answer = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (answer !== undefined) return answer(request, parameters, requestId);
    throw new ProblemError('METHOD_NOT_ALLOWED', `This address answers ${headers.allow}`, { headers });
  }
  throw new ProblemError('NOT_FOUND', 'There is no such address; see /v1/openapi.json');
}

function allowedMethods(methods: ReadonlyMap<string, Answer>): string {
  const named = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...named, 'OPTIONS'].join(', ');
}

/** Decoded segments of an address; null if one is not valid percent-encoding. */
function segmentsOf(url: string): readonly string[] | null {
  try {
    return new URL(url).pathname.split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** The values of the variable segments by name; null if the address does not match. */
function match(segments: readonly string[], given: readonly string[]): Parameters | null {
  if (segments.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    const name = VARIABLE.exec(segment)?.[1];
    if (name === undefined ? segment !== value : value === '') return null;
    if (name !== undefined) parameters[name] = value;
  }
  return parameters;
}

function toProblem(error: unknown, requestId: string, services: Services): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isDatabaseUnavailable(error)) {
    const detail = 'The database does not answer or is overloaded. Repeat the same request in a moment.';
    return new ProblemError('UNAVAILABLE', detail, { headers: { 'retry-after': '1' } });
  }
  try {
    services().onFault(error, requestId);
  } catch {
    // The services could not be built: that is the fault itself, and the request still needs an answer.
  }
  return new ProblemError('INTERNAL', 'The request failed on the server; the log has the cause under its request id.');
}

function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : randomUUID();
}
