import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { decodeLine } from '@/workers/simulator/journal/line';
import type { Rig } from '../harness/rig';

const orderSchema = z.object({
  id: z.string(),
  client_order_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  type: z.string(),
  limit_price: z.string().nullable(),
  status: z.string(),
  filled_qty: z.string(),
  filled_at: z.string().nullable(),
  canceled_at: z.string().nullable(),
  expired_at: z.string().nullable(),
});
export type BrokerSideOrder = z.output<typeof orderSchema>;

const fillSchema = z.object({
  id: z.string(),
  order_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  price: z.string(),
});
export type BrokerSideFill = z.output<typeof fillSchema>;

const stateSchema = z.object({ cash: z.string(), positions: z.record(z.string(), z.string()), orders: z.number() });
const requestSchema = z.object({ received_at: z.string(), method: z.string(), path: z.string(), body: z.string() });
const submissionSchema = z.object({
  client_order_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
});

export interface Submission extends z.output<typeof submissionSchema> {
  readonly atMs: number;
  /** Place in the request log. */
  readonly index: number;
}

/** The broker's own word on everything: its ledger, its journal on disk and what reached it, raw. */
export interface BrokerSide {
  readonly orders: readonly BrokerSideOrder[];
  readonly fills: readonly BrokerSideFill[];
  readonly cash: string;
  readonly positions: ReadonlyMap<string, string>;
  readonly journalOrders: readonly string[];
  readonly submissions: readonly Submission[];
  /** Client order ids asked for one by one, with their place in the request log. */
  readonly lookUps: readonly { readonly clientOrderId: string; readonly index: number }[];
}

const PAGE = 100;

async function allOrders(rig: Rig): Promise<BrokerSideOrder[]> {
  const found: BrokerSideOrder[] = [];
  for (let after = ''; ; ) {
    const cursor = after === '' ? '' : `&after_order_id=${after}`;
    const page = z
      .array(orderSchema)
      .parse(await rig.sim('GET', `/v2/orders?status=all&direction=asc&limit=${PAGE}${cursor}`));
    found.push(...page);
    if (page.length < PAGE) return found;
    after = page.at(-1)?.id ?? '';
  }
}

async function allFills(rig: Rig): Promise<BrokerSideFill[]> {
  const found: BrokerSideFill[] = [];
  for (let token = ''; ; ) {
    const cursor = token === '' ? '' : `&page_token=${encodeURIComponent(token)}`;
    const url = `/v2/account/activities/FILL?direction=asc&page_size=${PAGE}${cursor}`;
    const page = z.array(fillSchema).parse(await rig.sim('GET', url));
    found.push(...page);
    if (page.length < PAGE) return found;
    token = page.at(-1)?.id ?? '';
  }
}

function readLines(rig: Rig, name: string): string[] {
  return readFileSync(path.join(rig.folder, 'simulator', name), 'utf8')
    .split('\n')
    .slice(0, -1);
}

/** Client order ids of the journal, each line checked by its number and checksum. */
function readJournal(rig: Rig): string[] {
  const record = z.looseObject({ type: z.string(), client_order_id: z.string().optional() });
  return readLines(rig, 'journal.jsonl').flatMap((line, index) => {
    const { type, client_order_id: id } = record.parse(decodeLine(line, index + 1));
    return type === 'order' && id !== undefined ? [id] : [];
  });
}

function readRequests(rig: Rig): Pick<BrokerSide, 'submissions' | 'lookUps'> {
  const submissions: Submission[] = [];
  const lookUps: { clientOrderId: string; index: number }[] = [];
  for (const [index, line] of readLines(rig, 'requests.jsonl').entries()) {
    const { method, path: url, body, received_at } = requestSchema.parse(JSON.parse(line));
    if (method === 'POST' && url === '/v2/orders') {
      submissions.push({ ...submissionSchema.parse(JSON.parse(body)), atMs: Date.parse(received_at), index });
    }
    const asked = /^\/v2\/orders:by_client_order_id\?.*client_order_id=([^&]+)/.exec(url)?.[1];
    if (method === 'GET' && asked !== undefined) lookUps.push({ clientOrderId: decodeURIComponent(asked), index });
  }
  return { submissions, lookUps };
}

export async function readBrokerSide(rig: Rig): Promise<BrokerSide> {
  const state = stateSchema.parse(await rig.sim('GET', '/sim/v1/state'));
  return {
    orders: await allOrders(rig),
    fills: await allFills(rig),
    cash: state.cash,
    positions: new Map(Object.entries(state.positions).filter(([, qty]) => Number(qty) !== 0)),
    journalOrders: readJournal(rig),
    ...readRequests(rig),
  };
}
