export { isStandIn } from './inferred-fill';
export { reconcileOrder } from './reconcile-order';
export { reconcilePosition } from './reconcile-position';
export type * from './types';
