import { jsonAnswer } from './answer';
import { openApiDocument } from './openapi';
import { ENDPOINTS } from './registry';
import { createRestHandler, type Handler, type OpenAddresses } from './routes';
import type { RestServices } from './services';

/** GET /v1/openapi.json: the description of this API, built once. */
function openApi(): () => Promise<Response> {
  let document: string | undefined;
  return async () => {
    document ??= JSON.stringify(openApiDocument(ENDPOINTS));
    return new Response(document, { headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' } });
  };
}

/** The whole of /v1. */
export function restApi(services: () => RestServices): Handler {
  return createRestHandler(services, ENDPOINTS, { '/v1/openapi.json': openApi() });
}

/**
 * /health/live: the process answers; checks nothing else. /health/ready: 200 if the stack can trade, otherwise 503 with
 * the state of each component.
 */
export function healthApi(services: () => RestServices): Handler {
  const addresses: OpenAddresses = {
    '/health/live': async () => jsonAnswer({ status: 'live' }),
    '/health/ready': async () => {
      const readiness = await services().reads.readiness();
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      return new Response(JSON.stringify(readiness), { status: readiness.status === 'ready' ? 200 : 503, headers });
    },
  };
  return createRestHandler(services, [], addresses);
}
