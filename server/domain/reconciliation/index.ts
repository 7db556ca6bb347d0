export { inferFill, isStandIn } from './inferred-fill';
export { reconcileOrder, SETTLE_MS } from './reconcile-order';
export { reconcilePosition } from './reconcile-position';
export type * from './types';
