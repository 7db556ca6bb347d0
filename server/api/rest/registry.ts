import type { Endpoint } from './endpoint';
import { cancelOrderEndpoint } from './endpoints/cancel-order';
import { changeTradingStateEndpoint } from './endpoints/change-trading-state';
import { createSignalEndpoint } from './endpoints/create-signal';
import { evaluatePolicyEndpoint } from './endpoints/evaluate-policy';
import { generateSignalEndpoint } from './endpoints/generate-signal';
import { getApprovalEndpoint } from './endpoints/get-approval';
import { getBarsEndpoint } from './endpoints/get-bars';
import { getFeaturesEndpoint } from './endpoints/get-features';
import { getOrderEndpoint } from './endpoints/get-order';
import { getPortfolioEndpoint } from './endpoints/get-portfolio';
import { getQuoteEndpoint } from './endpoints/get-quote';
import { getSignalEndpoint } from './endpoints/get-signal';
import { getStrategySettingEndpoint } from './endpoints/get-strategy-setting';
import { getTradingStateEndpoint } from './endpoints/get-trading-state';
import { listApprovalsEndpoint } from './endpoints/list-approvals';
import { listOrdersEndpoint } from './endpoints/list-orders';
import { listSignalsEndpoint } from './endpoints/list-signals';
import { listStrategiesEndpoint } from './endpoints/list-strategies';
import { placeOrderEndpoint } from './endpoints/place-order';
import { setStrategyEndpoint } from './endpoints/set-strategy';

/** Every endpoint that needs a token, in the order of the description. A test compares it with the route files. */
export const ENDPOINTS: readonly Endpoint[] = [
  evaluatePolicyEndpoint,
  generateSignalEndpoint,
  createSignalEndpoint,
  listSignalsEndpoint,
  getSignalEndpoint,
  listStrategiesEndpoint,
  getStrategySettingEndpoint,
  setStrategyEndpoint,
  placeOrderEndpoint,
  listOrdersEndpoint,
  getOrderEndpoint,
  cancelOrderEndpoint,
  getPortfolioEndpoint,
  getQuoteEndpoint,
  getBarsEndpoint,
  getFeaturesEndpoint,
  getTradingStateEndpoint,
  changeTradingStateEndpoint,
  listApprovalsEndpoint,
  getApprovalEndpoint,
];
