import { getApprovalEndpoint, listApprovalsEndpoint } from './approvals';
import type { Endpoint } from './endpoint';
import { getBarsEndpoint, getFeaturesEndpoint, getQuoteEndpoint } from './market';
import {
  cancelOrderEndpoint,
  closeUnknownOrderEndpoint,
  getOrderEndpoint,
  listOrdersEndpoint,
  placeOrderEndpoint,
} from './orders';
import { evaluatePolicyEndpoint } from './policy';
import { getPortfolioEndpoint } from './portfolio';
import { createSignalEndpoint, generateSignalEndpoint, getSignalEndpoint, listSignalsEndpoint } from './signals';
import { getStrategySettingEndpoint, listStrategiesEndpoint, setStrategyEndpoint } from './strategies';
import { changeTradingStateEndpoint, getTradingStateEndpoint } from './trading-state';

/** Every endpoint that needs a token, in the order of the description. */
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
  closeUnknownOrderEndpoint,
  getPortfolioEndpoint,
  getQuoteEndpoint,
  getBarsEndpoint,
  getFeaturesEndpoint,
  getTradingStateEndpoint,
  changeTradingStateEndpoint,
  listApprovalsEndpoint,
  getApprovalEndpoint,
];
