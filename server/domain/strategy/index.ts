export { findStrategy, STRATEGIES, startStrategy } from './registry';
export { isStrategySignalId, uuidFromText } from './signal-id';
export { toStrategyBar } from './strategy-bar';
export { toPolicyRequest } from './to-policy-request';
export type { SignalCandidate, Strategy, StrategyBar, StrategyRun } from './types';
