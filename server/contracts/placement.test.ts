import { describe, expect, it } from 'vitest';
import {
  type DecidedPlacement,
  PLACEMENT_STATUS,
  type PlacementVerdict,
  placementOutcome,
  placementReply,
  readPlacementReply,
} from './placement';

const CAUTION = { code: 'CONFIDENCE_LOW', tier: 'REVIEW', observed: '0.55', threshold: '0.6', message: 'm "q"' };
const STALE = { code: 'DATA_STALE', tier: 'REJECT', observed: '45', threshold: '30', message: 'old' };
const ORDER = { signal_id: 's', symbol: 'AAPL', side: 'BUY', qty: '9', time_in_force: 'DAY' } as const;

const verdict = (reasons: PlacementVerdict['reasons']): PlacementVerdict => ({
  decision: 'REVIEW',
  reasons,
  approvedSizePct: 0.01,
  evaluationId: 'e',
  policyVersion: 3,
  inputHash: 'abc',
  expiresAt: '2026-01-05T15:15:01.000Z',
});
const VERDICT_END = `"approved_size_pct":0.01,"evaluation_id":"e","policy_version":3,"input_hash":"abc","expires_at":"2026-01-05T15:15:01.000Z"`;
const CAUTION_TEXT = `{"code":"CONFIDENCE_LOW","tier":"REVIEW","observed":"0.55","threshold":"0.6","message":"m \\"q\\""}`;
const STALE_TEXT = `{"code":"DATA_STALE","tier":"REJECT","observed":"45","threshold":"30","message":"old"}`;

/** Replies byte for byte: they are stored with their keys. */
const REPLIES: readonly [DecidedPlacement, string][] = [
  [
    {
      kind: 'PLACED',
      orderId: 'o',
      createdAt: '2026-01-05T15:00:00.000Z',
      order: { ...ORDER, order_type: 'LIMIT', limit_price: '1.50' },
      protectiveStopPrice: null,
      verdict: verdict([]),
    },
    `{"order_id":"o","status":"NEW","signal_id":"s","symbol":"AAPL","side":"BUY","qty":"9","order_type":"LIMIT","limit_price":"1.50","stop_price":null,"time_in_force":"DAY","protective_stop_price":null,"cum_qty":"0","leaves_qty":"9","created_at":"2026-01-05T15:00:00.000Z","policy":{"decision":"REVIEW","reasons":[],${VERDICT_END}}}`,
  ],
  [
    {
      kind: 'REVIEW',
      approvalId: 'a',
      order: { ...ORDER, order_type: 'MARKET', time_in_force: 'GTC' },
      protectiveStopPrice: null,
      verdict: verdict([CAUTION]),
    },
    `{"approval_id":"a","status":"PENDING_APPROVAL","signal_id":"s","symbol":"AAPL","side":"BUY","qty":"9","order_type":"MARKET","limit_price":null,"stop_price":null,"time_in_force":"GTC","protective_stop_price":null,"policy":{"decision":"REVIEW","reasons":[${CAUTION_TEXT}],${VERDICT_END}}}`,
  ],
  [
    { kind: 'REJECTED', verdict: verdict([CAUTION, STALE]) },
    `{"type":"urn:countersign:problem:data-stale","title":"Rejected by policy","status":422,"detail":"old","code":"DATA_STALE","decision":"REVIEW","reasons":[${CAUTION_TEXT},${STALE_TEXT}],${VERDICT_END}}`,
  ],
  [
    { kind: 'REJECTED', verdict: verdict([]) },
    `{"type":"urn:countersign:problem:policy-rejected","title":"Rejected by policy","status":422,"detail":"The gate rejected the order.","code":"POLICY_REJECTED","decision":"REVIEW","reasons":[],${VERDICT_END}}`,
  ],
];

describe.each(REPLIES)('the reply to %j', (decided, reply) => {
  it('is the same text in every version', () => {
    expect(placementReply(decided)).toBe(reply);
  });

  it('is read as the outcome that it was written for', () => {
    expect(readPlacementReply(PLACEMENT_STATUS[decided.kind], reply)).toEqual(placementOutcome(decided));
  });
});

it('a reply that names no order, approval or rule is refused', () => {
  for (const statusCode of Object.values(PLACEMENT_STATUS))
    expect(() => readPlacementReply(statusCode, '{}')).toThrow();
});
