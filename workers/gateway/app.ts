import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { authenticate, credentialsOf, plainAddress } from './authenticate';
import type { Caller, GatewayServices } from './context';
import { ApiError, badBody, forbidden, notFound, unavailable } from './errors';
import { answerAgent } from './mcp/endpoint';
import { RequestLimits } from './rate';
import type { Route } from './route';
import { accountRoutes } from './routes/account';
import { activityRoutes } from './routes/activities';
import { assetRoutes } from './routes/assets';
import { clockRoutes } from './routes/clock';
import { dataRoutes } from './routes/market-data';
import { orderRoutes } from './routes/orders';
import { positionRoutes } from './routes/positions';
import { unserved } from './unserved';

const MAX_BODY_BYTES = 64 * 1024;

const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...positionRoutes,
  ...orderRoutes,
  ...assetRoutes,
  ...clockRoutes,
  ...activityRoutes,
  ...dataRoutes,
];

type Environment = { Bindings: HttpBindings };

/** Alpaca's Trading API v2 for stocks, and what its Market Data API has that we store, over the gate. */
export function createGatewayApp(services: GatewayServices): Hono<Environment> {
  const app = new Hono<Environment>();
  const limits = new RequestLimits();
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new ApiError(413, 41300000, `request body is larger than ${MAX_BODY_BYTES} bytes`);
      },
    }),
  );
  app.get('/health/live', (context) => context.json({ status: 'live' }));
  for (const route of ROUTES) app.on(route.method, route.path, (context) => answer(context, route, services, limits));
  // Nothing is sent of its own accord: there is no stream to open, and no session to end.
  app.on(['GET', 'DELETE'], '/mcp', () => {
    throw new ApiError(405, 40510000, 'send requests by POST', {}, { Allow: 'POST' });
  });
  app.post('/mcp', async (context) => {
    await identify(context, services, limits);
    const { env, req } = context;
    return await answerAgent(req.raw, {
      policy: services.policy,
      ask: async ({ method, path, body }) => {
        const headers = Object.fromEntries(KEY_HEADERS.flatMap((name) => pair(name, req.header(name))));
        const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
        const answered = await app.request(path, init, env);
        const text = await answered.text();
        return { status: answered.status, body: text === '' ? null : JSON.parse(text) };
      },
    });
  });
  app.notFound((context) => refusal(context, unserved(context.req.path) ?? notFound('endpoint not found.')));
  app.onError((error, context) => {
    if (error instanceof ApiError) return refusal(context, error);
    if (services.isUnavailable(error))
      return refusal(context, unavailable('the database does not answer; repeat the request as it is'));
    const requestId = randomUUID();
    services.onFault(error, requestId);
    return refusal(context, new ApiError(500, 50010000, 'internal server error occurred', { request_id: requestId }));
  });
  return app;
}

/** Headers that say who calls. */
const KEY_HEADERS = ['apca-api-key-id', 'apca-api-secret-key', 'authorization'];

const pair = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]];

/** The bot behind a request, which is counted. @throws ApiError 401, 403 or 429 */
async function identify(
  context: Context<Environment>,
  services: GatewayServices,
  limits: RequestLimits,
): Promise<Caller> {
  const address = plainAddress(context.env.incoming.socket.remoteAddress ?? '');
  const credentials = credentialsOf((name) => context.req.header(name));
  const caller = await authenticate(services, credentials, address, randomUUID());
  for (const [name, value] of Object.entries(await limits.take(caller.bot))) context.header(name, value);
  return caller;
}

async function answer(
  context: Context<Environment>,
  route: Route,
  services: GatewayServices,
  limits: RequestLimits,
): Promise<Response> {
  const caller = await identify(context, services, limits);
  if (!caller.scopes.has(route.scope)) throw forbidden(`the token lacks the scope ${route.scope}`);
  const { status, body, headers } = await route.handle({
    caller,
    query: new URL(context.req.url).searchParams,
    name: context.req.param('name') ?? '',
    body: async () => {
      try {
        return JSON.parse(await context.req.text());
      } catch (error) {
        if (error instanceof SyntaxError) throw badBody();
        throw error;
      }
    },
    services,
  });
  for (const [name, value] of Object.entries(headers ?? {})) context.header(name, value);
  return status === 204 ? context.body(null, 204) : context.json(body as object, status);
}

function refusal(context: Context, error: ApiError): Response {
  for (const [name, value] of Object.entries(error.headers)) context.header(name, value);
  return context.json(error.body(), error.status);
}
