import type { Placement } from '@/server/application/placing/placement';
import {
  cancelAnswerSchema,
  closeUnknownSchema,
  orderDetailBodySchema,
  orderListQuerySchema,
  orderPageSchema,
  orderRequestSchema,
} from '@/server/contracts/order';
import { PLACEMENT_STATUS, placedOrderSchema, waitingOrderSchema } from '@/server/contracts/placement';
import { jsonAnswer, refusalProblem, textAnswer } from './answer';
import { endpoint } from './endpoint';
import { jsonBody, noInput, queryString, readPage } from './input';
import { ProblemError } from './problem';

const KEY = /^[\x20-\x7e]{1,255}$/;

export const placeOrderEndpoint = endpoint({
  method: 'POST',
  path: '/v1/orders',
  operationId: 'placeOrder',
  summary:
    'Place an order for a signal. The gate judges it from server state; an order that needs review waits as an approval.',
  scope: 'orders:write',
  idempotent: true,
  input: jsonBody(orderRequestSchema),
  answers: [
    { status: 201, description: 'Placed; the worker sends it', schema: placedOrderSchema },
    { status: 202, description: 'Waits for a countersignature', schema: waitingOrderSchema },
  ],
  problems: [409],
  checkHeaders: (headers) => void readKey(headers),
  handle: async ({ request, actor, input, services }) => {
    const key = readKey(request.headers);
    return placementAnswer(await services.commands.placeOrder(actor, key, input));
  },
});

/** @throws ProblemError for what is not stored with the key */
function placementAnswer(placement: Placement): Response {
  switch (placement.kind) {
    case 'PLACED':
    case 'REVIEW':
    case 'REJECTED':
      return textAnswer(
        placement.reply,
        PLACEMENT_STATUS[placement.kind],
        placement.replayed ? { 'idempotency-replayed': 'true' } : {},
      );
    case 'KEY_REUSED':
      throw new ProblemError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used before with another payload. Use a new key for a new order.',
      );
    case 'KEY_IN_FLIGHT':
      throw new ProblemError(
        'IDEMPOTENCY_IN_FLIGHT',
        'A request with this Idempotency-Key is still being decided. Repeat it with the same key in a moment.',
      );
    case 'FOREIGN_SIGNAL':
      throw new ProblemError(
        'CONFLICT',
        'The signal belongs to another client, or is queued: the worker places the order of a strategy’s queued signal.',
      );
    case 'UNAVAILABLE':
      throw new ProblemError(
        'UNAVAILABLE',
        'The order could not be decided now and nothing was stored. Repeat it with the same key.',
        { headers: { 'retry-after': '1' } },
      );
  }
}

function readKey(headers: Headers): string {
  const key = headers.get('idempotency-key');
  if (key !== null && KEY.test(key)) return key;
  const message = key === null ? 'is missing' : 'must be 1 to 255 printable ASCII characters';
  throw new ProblemError('IDEMPOTENCY_KEY_INVALID', `The header Idempotency-Key ${message}`, {
    errors: [{ field: 'Idempotency-Key', message }],
  });
}

export const listOrdersEndpoint = endpoint({
  method: 'GET',
  path: '/v1/orders',
  operationId: 'listOrders',
  summary: 'Orders, newest first. Follow next_cursor until it is null.',
  scope: 'orders:read',
  input: queryString(orderListQuerySchema),
  answers: [{ status: 200, description: 'A page of orders', schema: orderPageSchema }],
  handle: async ({ input, services }) => {
    const page = await readPage(() => services.reads.orders(input));
    return jsonAnswer({ orders: page.items, next_cursor: page.nextCursor });
  },
});

export const getOrderEndpoint = endpoint({
  method: 'GET',
  path: '/v1/orders/{id}',
  operationId: 'getOrder',
  summary: 'One order with its timeline: signal, evaluations, approval, events, fills.',
  scope: 'orders:read',
  input: noInput,
  answers: [{ status: 200, description: 'The order', schema: orderDetailBodySchema }],
  handle: async ({ id, services }) => {
    const order = await services.reads.order(id);
    if (order === null) throw new ProblemError('NOT_FOUND', 'There is no order with that id');
    return jsonAnswer(order);
  },
});

export const cancelOrderEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/orders/{id}',
  operationId: 'cancelOrder',
  summary: 'Request the cancel of an order. It may still fill until the broker answers.',
  scope: 'orders:write',
  input: noInput,
  answers: [
    { status: 202, description: 'Requested; or cancelled at once if it was never sent', schema: cancelAnswerSchema },
  ],
  problems: [409],
  handle: async ({ actor, id, services }) => {
    const outcome = await services.commands.cancelOrder(actor, id, `requested through the API by ${actor.name}`);
    if (!outcome.ok) throw refusalProblem(outcome);
    return jsonAnswer({ order_id: id, status: outcome.status }, 202);
  },
});

export const closeUnknownOrderEndpoint = endpoint({
  method: 'POST',
  path: '/v1/orders/{id}/close-unknown',
  operationId: 'closeUnknownOrder',
  summary:
    'Close an order that the broker does not know. Its break MISSING_AT_BROKER is the evidence, and is resolved.',
  scope: 'orders:write',
  input: jsonBody(closeUnknownSchema),
  answers: [{ status: 200, description: 'Closed as UNKNOWN_AT_BROKER', schema: cancelAnswerSchema }],
  problems: [409],
  handle: async ({ actor, id, input, services }) => {
    const outcome = await services.commands.closeUnknownOrder(actor, id, input.reason);
    if (!outcome.ok) throw refusalProblem(outcome);
    return jsonAnswer({ order_id: id, status: outcome.status });
  },
});
