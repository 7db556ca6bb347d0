import type { Endpoint } from './endpoint';
import { cancelOrderEndpoint } from './endpoints/cancel-order';
import { changeTradingStateEndpoint } from './endpoints/change-trading-state';
import { evaluatePolicyEndpoint } from './endpoints/evaluate-policy';
import { generateSignalEndpoint } from './endpoints/generate-signal';
import { getApprovalEndpoint } from './endpoints/get-approval';
import { getBarsEndpoint } from './endpoints/get-bars';
import { getOrderEndpoint } from './endpoints/get-order';
import { getPortfolioEndpoint } from './endpoints/get-portfolio';
import { getQuoteEndpoint } from './endpoints/get-quote';
import { getTradingStateEndpoint } from './endpoints/get-trading-state';
import { listApprovalsEndpoint } from './endpoints/list-approvals';
import { listOrdersEndpoint } from './endpoints/list-orders';
import { placeOrderEndpoint } from './endpoints/place-order';

/** Every endpoint that needs a token, in the order of the description. A test compares it with the route files. */
export const ENDPOINTS: readonly Endpoint[] = [
  evaluatePolicyEndpoint,
  generateSignalEndpoint,
  placeOrderEndpoint,
  listOrdersEndpoint,
  getOrderEndpoint,
  cancelOrderEndpoint,
  getPortfolioEndpoint,
  getQuoteEndpoint,
  getBarsEndpoint,
  getTradingStateEndpoint,
  changeTradingStateEndpoint,
  listApprovalsEndpoint,
  getApprovalEndpoint,
];
