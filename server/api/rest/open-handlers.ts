import { jsonAnswer } from './answer';
import { openApiDocument } from './openapi';
import { ENDPOINTS } from './registry';
import { getOnly, type RouteHandlers } from './routes';
import type { RestServices } from './services';

/** GET /v1/openapi.json: the description of this API. */
export function openApiHandlers(): RouteHandlers {
  let document: string | undefined;
  return getOnly(async () => {
    document ??= JSON.stringify(openApiDocument(ENDPOINTS));
    return new Response(document, { headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' } });
  });
}

/** GET /health/live: the process answers. Looks at nothing else. */
export function livenessHandlers(): RouteHandlers {
  return getOnly(async () => jsonAnswer({ status: 'live' }));
}

/** GET /health/ready: 200 when the stack can trade, 503 with the states of its components when it cannot. */
export function readinessHandlers(services: () => Pick<RestServices, 'reads'>): RouteHandlers {
  return getOnly(async () => {
    const readiness = await services().reads.readiness();
    const body = JSON.stringify(readiness);
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    return new Response(body, { status: readiness.status === 'ready' ? 200 : 503, headers });
  });
}
