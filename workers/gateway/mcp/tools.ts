import { z } from 'zod';

/** What a tool asks the gateway's own API for. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A tool that an agent may use: one request of the gateway's API, with the agent's own token. */
export interface AgentTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodRawShape;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  /** `input` was checked. */
  readonly request: (input: never) => ApiRequest;
}

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

const symbol = z.string().min(1).max(12).describe('Ticker of a stock, such as SPY');
const price = z
  .string()
  .max(40)
  .regex(/^\d+(\.\d+)?$/, 'must be a decimal number')
  .describe('Dollars per share, as text');

function tool<Shape extends z.ZodRawShape>(spec: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Shape;
  readonly annotations?: AgentTool['annotations'];
  readonly request: (input: z.output<z.ZodObject<Shape>>) => ApiRequest;
}): AgentTool {
  return { annotations: READS, ...spec };
}

/** Query text of what was given. */
function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

const proposalShape = {
  symbol,
  side: z.enum(['buy', 'sell']),
  qty: z
    .string()
    .max(40)
    .regex(/^\d+(\.\d+)?$/, 'must be a decimal number')
    .describe('Shares, as text'),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit']).default('market'),
  time_in_force: z.enum(['day', 'gtc', 'ioc', 'fok']).default('day'),
  limit_price: price.optional(),
  stop_price: price.optional(),
  protective_stop_price: price.optional().describe('Stop that protects what a buy brings'),
  client_order_id: z
    .string()
    .min(1)
    .max(128)
    .describe(
      'Your own id of this proposal. The same id again is the same proposal: repeat it when there was no answer',
    ),
};

/**
 * Everything that an agent may do (F-5): read, propose, and withdraw its own proposal. There is no tool that approves, releases,
 * publishes, promotes or loosens anything, and the API behind these has none either.
 */
export const AGENT_TOOLS: readonly AgentTool[] = [
  tool({
    name: 'get_account',
    title: 'Account',
    description: 'Cash, equity, buying power, and whether trading is halted.',
    input: {},
    request: () => ({ method: 'GET', path: '/v2/account' }),
  }),
  tool({
    name: 'get_clock',
    title: 'Market clock',
    description: 'Whether the market is open, and when it next opens and closes.',
    input: {},
    request: () => ({ method: 'GET', path: '/v2/clock' }),
  }),
  tool({
    name: 'list_positions',
    title: 'Positions',
    description: 'What the account holds.',
    input: {},
    request: () => ({ method: 'GET', path: '/v2/positions' }),
  }),
  tool({
    name: 'list_orders',
    title: 'Own orders',
    description: 'Your own orders and proposals, newest first. A proposal with status "accepted" waits for a person.',
    input: {
      status: z.enum(['open', 'closed', 'all']).default('open'),
      symbols: z.array(symbol).max(50).optional(),
      limit: z.int().min(1).max(200).default(50),
    },
    request: ({ status, symbols, limit }) => ({
      method: 'GET',
      path: `/v2/orders${query({ status, symbols: symbols?.join(','), limit })}`,
    }),
  }),
  tool({
    name: 'get_outcome',
    title: 'What became of a proposal',
    description:
      'One of your own orders by your own id: its status, its fills, and the reason where a person rejected it.',
    input: { client_order_id: proposalShape.client_order_id },
    request: ({ client_order_id }) => ({
      method: 'GET',
      path: `/v2/orders:by_client_order_id${query({ client_order_id })}`,
    }),
  }),
  tool({
    name: 'get_quote',
    title: 'Quote',
    description: 'The newest bid and ask of a symbol, as stored.',
    input: { symbol },
    request: (input) => ({ method: 'GET', path: `/v2/stocks/${encodeURIComponent(input.symbol)}/quotes/latest` }),
  }),
  tool({
    name: 'get_bars',
    title: 'Bars',
    description: 'Bars of minutes or days from a moment on, oldest first.',
    input: {
      symbol,
      timeframe: z.enum(['1Min', '1Day']).default('1Min'),
      start: z.string().max(40).describe('A date or an RFC 3339 time'),
      limit: z.int().min(1).max(500).default(100),
    },
    request: ({ symbol: name, timeframe, start, limit }) => ({
      method: 'GET',
      path: `/v2/stocks/${encodeURIComponent(name)}/bars${query({ timeframe, start, limit })}`,
    }),
  }),
  tool({
    name: 'propose_trade',
    title: 'Propose a trade',
    description:
      'Proposes an order to the gate. The gate approves it, rejects it with every rule and its figures, or sends it to a person. ' +
      'A proposal that waits for a person was not sent: ask for its outcome later, and do not propose it again.',
    input: proposalShape,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    request: ({ protective_stop_price: stop, ...order }) => ({
      method: 'POST',
      path: '/v2/orders',
      body: stop === undefined ? order : { ...order, order_class: 'oto', stop_loss: { stop_price: stop } },
    }),
  }),
  tool({
    name: 'withdraw_order',
    title: 'Withdraw or cancel',
    description:
      'Withdraws your own proposal while it waits, or requests the cancel of your own order. It may still fill meanwhile.',
    input: { id: z.uuid().describe('The id of the order, as in its answer') },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    request: ({ id }) => ({ method: 'DELETE', path: `/v2/orders/${id}` }),
  }),
];
